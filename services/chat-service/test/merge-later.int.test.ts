/** What a merged user wanted later goes over: scheduled messages, reminders and bookmarks. */
import { createUlid } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { MergePart } from '../src/core/users/merge.saga.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { type JobKind, startJobRunner } from '../src/platform/jobs/job-runner.ts';
import { anySaga } from '../src/platform/sagas/saga.ts';
import { sagaJobs } from '../src/platform/sagas/sagas.ts';
import { createFeatures, type Feature } from '../src/roles/features.ts';
import { mergeOfUsers } from '../src/roles/jobs.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const HOUR = 3_600_000;

let house: TestService;
let features: readonly Feature[];
let tenant: TestTenant;
let old: TestUser;
let ann: TestUser;
beforeAll(async () => {
  // Jobs run where a test starts them.
  house = await startTestService({ roles: new Set(['api', 'relay']) }, {}, async (deps) => {
    features = await createFeatures(deps);
    return features;
  });
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  [old, ann] = [await tenant.user('old'), await tenant.user('ann')];
});

const newId = createUlid();

/** Of `old` all three, and a bookmark that both have. */
async function furnish() {
  const room = { kind: 'private', name: 'Room', participants: [ann.uid] };
  const { cid } = (await old.post('/v1/conversations', room)).body as { cid: string };
  const text = { kind: 'text', body: { text: 'x' } };
  const say = async () => (await old.post(`/v1/conversations/${cid}/messages`, { mid: newId(), ...text })).body.seq;
  const [one, two] = [await say(), await say()];
  const at = Date.now() + HOUR;
  const [mid, reminderId] = [newId(), newId()];
  expect((await old.post(`/v1/conversations/${cid}/scheduled`, { mid, ...text, at })).status).toBe(201);
  expect((await old.post('/v1/reminders', { reminderId, at, cid, seq: one, note: 'note' })).status).toBe(201);
  const mark = (user: TestUser, seq: number, note: string) =>
    user.put(`/v1/conversations/${cid}/messages/${seq}/bookmark`, { note });
  for (const [user, seq, note] of [
    [old, one, 'old'],
    [old, two, 'old'],
    [ann, two, 'ann'],
  ] as const)
    expect((await mark(user, seq, note)).status).toBe(200);
  return { cid, mid, reminderId, one, two };
}

async function beginMerge(): Promise<void> {
  expect((await tenant.backEnd.post('/v1/users/ext:old/merge', { into: 'ext:ann' })).status).toBe(200);
}

function runJobs(kinds: readonly JobKind[]): void {
  const store = openStore({ url: house.config.databaseUrl, poolSize: 4 });
  const runner = startJobRunner({ sql: store.sql, kinds, log, pollMs: 10 });
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
}

async function endMerge(mergeParts: readonly MergePart[], status: string): Promise<void> {
  runJobs([sagaJobs([anySaga(mergeOfUsers([...features, { mergeParts }]))], 1)]);
  await vi.waitUntil(async () => {
    const [saga] = await database(house)`select status from sagas where subject = ${`user:${old.uid}`}`;
    return saga?.['status'] === status;
  }, 60_000);
}

async function merge(mergeParts: readonly MergePart[], status: string): Promise<void> {
  await beginMerge();
  await endMerge(mergeParts, status);
}

/** Who has what, and for whom jobs wait that would do it. */
async function rowsOf() {
  const sql = database(house);
  const [scheduled, reminders, bookmarks, jobs] = await Promise.all([
    sql`select user_id, mid, state from scheduled_messages where tenant_id = ${tenant.tid}`,
    sql`select user_id, reminder_id, note, is_due from reminders where tenant_id = ${tenant.tid}`,
    sql`select user_id, seq::int as seq, note from bookmarks where tenant_id = ${tenant.tid} order by seq, note`,
    sql`
      select j.kind, j.payload ->> 'uid' as uid from jobs j
      left join scheduled_messages s on s.mid = j.payload ->> 'mid'
      left join reminders r on r.reminder_id = j.payload ->> 'reminderId'
      where j.tenant_id = ${tenant.tid} and j.kind <> 'saga' and coalesce(s.version, r.version) = (j.payload ->> 'version')::int
      order by kind`,
  ]);
  return { scheduled, reminders, bookmarks, jobs };
}

test('[USER-5] they go over to the survivor, who is reminded and sends; a bookmark of both stays the survivor’s', async () => {
  const { mid, reminderId, one, two } = await furnish();
  await merge([], 'done');
  expect(await rowsOf()).toMatchObject({
    scheduled: [{ user_id: ann.uid, mid, state: 'waiting' }],
    reminders: [{ user_id: ann.uid, reminder_id: reminderId, note: 'note', is_due: false }],
    bookmarks: [
      { user_id: ann.uid, seq: one, note: 'old' },
      { user_id: ann.uid, seq: two, note: 'ann' },
    ],
    jobs: [
      { kind: 'remind', uid: ann.uid },
      { kind: 'send scheduled message', uid: ann.uid },
    ],
  });
});

test('[USER-5] what a merge that fails has moved goes back', async () => {
  const { mid, reminderId, one, two } = await furnish();
  let moved: number | undefined;
  const never: MergePart = {
    name: 'never',
    async move(tx, { into }) {
      // All that comes before it has gone over by now.
      const [left] = await tx<{ count: number }[]>`
        select count(*)::int as count from scheduled_messages s join reminders r using (user_id) join bookmarks b using (user_id)
        where user_id = ${into}`;
      moved = left?.count;
      throw new Error('cannot be moved');
    },
    moveBack: () => Promise.resolve(false),
  };
  await merge([never], 'undone');
  expect(moved).toBe(2);
  expect(await rowsOf()).toMatchObject({
    scheduled: [{ user_id: old.uid, mid, state: 'waiting' }],
    reminders: [{ user_id: old.uid, reminder_id: reminderId }],
    bookmarks: [
      { user_id: old.uid, seq: one, note: 'old' },
      { user_id: ann.uid, seq: two, note: 'ann' },
      { user_id: old.uid, seq: two, note: 'old' },
    ],
    jobs: [
      { kind: 'remind', uid: old.uid },
      { kind: 'send scheduled message', uid: old.uid },
    ],
  });
});

test('[USER-5] [LATER-2] [RMND-2] what falls due while the merge is under way the survivor sends, and is reminded of', async () => {
  const { cid, mid, reminderId } = await furnish();
  const sql = database(house);
  await beginMerge();
  await sql`update scheduled_messages set send_at = now() where mid = ${mid}`;
  await sql`update reminders set remind_at = now() where reminder_id = ${reminderId}`;
  await sql`update jobs set run_at = now() where payload ->> 'mid' = ${mid} or payload ->> 'reminderId' = ${reminderId}`;
  runJobs(features.flatMap(({ jobs = [] }) => jobs));
  await vi.waitUntil(async () => {
    const again = await sql`select from jobs where payload ->> 'mid' = ${mid} and key is null`;
    const [reminder] = await sql`select is_due from reminders where reminder_id = ${reminderId}`;
    return again.length === 1 && reminder?.['is_due'] === true;
  }, 60_000);
  const events = await sql.begin(async (tx) => {
    // Held until the events are looked at: the relay publishes what is committed.
    for (const part of features.flatMap(({ mergeParts = [] }) => mergeParts)) {
      const merging = { tid: tenant.tid, from: old.uid, into: ann.uid };
      if (part.name === 'reminders') await part.move(tx as never, merging);
    }
    // Of this transaction: what was published before may not be deleted yet.
    return tx`
      select payload from outbox_events where about = ${ann.uid} and xmin = pg_current_xact_id_if_assigned()::xid`;
  });
  expect(events.map(({ payload }) => String(payload))).toEqual([expect.stringContaining(reminderId)]);
  await endMerge([], 'done');
  await vi.waitUntil(async () => (await rowsOf()).scheduled.length === 0, 60_000);
  const stored = await sql`select sender_id from messages where conversation_id = ${cid} and mid = ${mid}`;
  expect(stored).toEqual([{ sender_id: ann.uid }]);
  expect((await rowsOf()).reminders).toMatchObject([{ user_id: ann.uid, reminder_id: reminderId, is_due: true }]);
});
