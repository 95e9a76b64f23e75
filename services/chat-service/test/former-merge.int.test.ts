/** Merges that a version before has begun go on by its steps, and are taken back by what it noted. */
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { blocks } from '../src/core/conversations/merge-blocks.ts';
import { memberships } from '../src/core/conversations/merge-memberships.ts';
import { formerMergeOf, type MergePart } from '../src/core/users/merge.saga.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { startJobRunner } from '../src/platform/jobs/job-runner.ts';
import { anySaga } from '../src/platform/sagas/saga.ts';
import { sagaJobs } from '../src/platform/sagas/sagas.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let house: TestService;
let tenant: TestTenant;
let [old, ann, bob]: TestUser[] = [];

beforeAll(async () => {
  // Sagas run where a test starts them.
  house = await startTestService({ roles: new Set(['api', 'relay']) });
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  [old, ann, bob] = await Promise.all(['old', 'ann', 'bob'].map((name) => tenant.user(name)));
});

const FORMER = formerMergeOf([]).kind;

/** A merge that nobody has run yet, as a version before would have begun it. */
async function beginFormer(): Promise<void> {
  expect((await tenant.backEnd.post('/v1/users/ext:old/merge', { into: 'ext:ann' })).status).toBe(200);
  const { count } = await database(house)`update sagas set kind = ${FORMER} where subject = ${`user:${old!.uid}`}`;
  expect(count).toBe(1);
  await database(house)`
    update jobs set payload = jsonb_set(payload, '{kind}', ${JSON.stringify(FORMER)}::text::jsonb)
    where tenant_id = ${tenant.tid} and kind = 'saga'`;
}

function run(...parts: readonly MergePart[]): void {
  const store = openStore({ url: house.config.databaseUrl, poolSize: 4 });
  const kinds = [sagaJobs([anySaga(formerMergeOf(parts))], 1)];
  const runner = startJobRunner({ sql: store.sql, kinds, log, pollMs: 10 });
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
}

const ended = (status: string) =>
  vi.waitUntil(async () => {
    const [saga] = await database(house)`select status from sagas where subject = ${`user:${old!.uid}`}`;
    return saga?.['status'] === status;
  }, 60_000);

const peopleIn = async (cid: string) => {
  const rows = await database(house)<{ uid: string }[]>`
    select user_id as uid from participants where conversation_id = ${cid}`;
  return rows.map(({ uid }) => uid).toSorted();
};

async function newRoom(): Promise<string> {
  const body = { kind: 'private', name: 'Room', participants: [bob!.uid] };
  return (await old!.post('/v1/conversations', body)).body.cid;
}

test('[USER-5] one is finished', async () => {
  const cid = await newRoom();
  await beginFormer();
  run(blocks, memberships);
  await ended('done');
  expect(await peopleIn(cid)).toEqual([ann!.uid, bob!.uid].toSorted());
});

test('[USER-5] one that cannot be finished is taken back, though it noted less', async () => {
  const cid = await newRoom();
  await beginFormer();
  const noting: MergePart = {
    ...memberships,
    async move(tx, merging) {
      const moved = await memberships.move(tx, merging);
      await tx`update user_moves set before = before - 'kept' - 'restrained' - 'closed' where from_id = ${merging.from}`;
      return moved;
    },
  };
  const failing: MergePart = {
    name: 'follows',
    move: () => Promise.reject(new Error('cannot be moved')),
    moveBack: () => Promise.resolve(false),
  };
  run(blocks, noting, failing);
  await ended('undone');
  expect(await peopleIn(cid)).toEqual([old!.uid, bob!.uid].toSorted());
});
