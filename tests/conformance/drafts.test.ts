/** Drafts on several devices (DRAFT). */
import { LIMITS } from '@messagecore/protocol';
import type { Draft, Page, SetDraft } from '@messagecore/protocol/features';
import { draftOperations as operations } from '@messagecore/protocol/features';
import { call, must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const put = (user: TestUser, cid: string, body: SetDraft) =>
  call<Draft>('PUT', `${system.api}/v1/conversations/${cid}/draft`, { headers: user.auth, body });
const set = async (user: TestUser, cid: string, draft: SetDraft) => (await put(user, cid, draft)).body;
const list = (user: TestUser, query = '') =>
  must<Page<Draft>>('GET', `${system.api}/v1/drafts${query}`, { headers: user.auth });

test('[DRAFT-1] a draft is kept as it is, one a user and conversation, and an empty one deletes it', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const body = { text: 'Dear all\u0000, ', format: 'markdown', attachments: [{ id: 1, none: null }] };
  const draft = await set(users.ann, cid, { body, replyTo: 7 });
  expect(draft).toEqual({ cid, body, replyTo: 7, version: expect.any(Number), at: expect.any(Number) });
  expect((await list(users.ann)).items).toEqual([draft]);
  expect((await list(users.bob)).items).toEqual([]);
  const next = await set(users.ann, cid, { body: { text: 'Dear' } });
  expect((await list(users.ann)).items).toEqual([next]);
  expect(next.replyTo).toBe(null);
  let { version } = next;
  for (const empty of [null, {}, { text: '' }]) {
    await set(users.ann, cid, { body: { text: 'again' } });
    const deleted = await set(users.ann, cid, { body: empty, replyTo: 7 });
    expect([deleted.body, deleted.replyTo]).toEqual([null, null]);
    expect(deleted.version).toBeGreaterThan(version);
    expect((await list(users.ann)).items).toEqual([]);
    version = deleted.version;
  }
});

test('[DRAFT-1] a draft may be as large as a message', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const longest = '語'.repeat(LIMITS.textCodePoints);
  expect((await set(users.ann, cid, { body: { text: longest } })).body).toEqual({ text: longest });
  for (const body of [{ text: `${longest}!` }, { text: '', more: 'x'.repeat(LIMITS.bodyBytes) }]) {
    const answer = await put(users.ann, cid, { body });
    expect([answer.status, answer.body.code]).toEqual([413, 'too_large']);
  }
});

test('[DRAFT-2] the newest version wins, however late an older one arrives, over a deletion too', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const now = Date.now() - 60_000;
  const newer = await set(users.ann, cid, { body: { text: 'newer' }, version: now });
  expect(newer.version).toBe(now);
  for (const version of [now, now - 1])
    expect(await set(users.ann, cid, { body: { text: 'older' }, version })).toEqual(newer);
  const next = await set(users.ann, cid, { body: { text: 'next' }, version: now + 1 });
  expect([next.body, next.version]).toEqual([{ text: 'next' }, now + 1]);
  const deleted = await set(users.ann, cid, { body: null, version: now + 10 });
  expect(await set(users.ann, cid, { body: { text: 'older' }, version: now + 9 })).toEqual(deleted);
  expect((await list(users.ann)).items).toEqual([]);
});

test('[DRAFT-2] a clock that is ahead wins nothing for later', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ahead = await set(users.ann, cid, { body: { text: 'ahead' }, version: Date.now() + 3_600_000 });
  expect(ahead.version).toBeLessThan(Date.now() + 60_000);
  const again = await set(users.ann, cid, { body: { text: 'again' }, version: Date.now() + 3_600_000 });
  expect(again.version).toBeGreaterThan(ahead.version);
  const other = await set(users.ann, cid, { body: { text: 'other' }, version: again.version + 1 });
  expect(other.body).toEqual({ text: 'other' });
  expect((await set(users.ann, cid, { body: { text: 'last' } })).body).toEqual({ text: 'last' });
});

test('[DRAFT-3] a draft reaches the other sessions, at every gateway, and not the writer', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [phone, tablet, laptop, bob] = await Promise.all([
    system.connect(users.ann, { gateway: 0 }),
    system.connect(users.ann, { gateway: 0, encoding: 'msgpack' }),
    system.connect(users.ann, { gateway: 1 }),
    system.connect(users.bob, { gateway: 1 }),
  ]);
  const body = { text: 'Dear all' };
  const answer = await callOf(phone, operations.setDraft, { cid, body, replyTo: 3 });
  const { data: draft } = answer as { data: Draft };
  expect(draft).toMatchObject({ cid, body, replyTo: 3 });
  for (const { record } of [tablet, laptop])
    expect(await record.next('event')).toEqual({ t: 'event', event: 'conversation.draft', cid, data: draft });
  const stale = await callOf(laptop, operations.setDraft, { cid, body: { text: 'old' }, version: draft.version });
  expect(stale).toMatchObject({ data: draft });
  await callOf(laptop, operations.setDraft, { cid, body: null });
  await phone.record.until('the deletion', () => phone.record.of('event').some(({ data }) => data['body'] === null));
  for (const client of [phone, bob]) await client.settle();
  expect([phone.record.of('event').length, bob.record.of('event').length]).toEqual([1, 0]);
});

test('[DRAFT-4] the list has the newest first, in pages, and drafts go with the membership', async () => {
  const { tenant, users, cid } = await newRoom(system, 'ann', 'bob');
  const cids = [cid];
  for (let n = 0; n < 4; n += 1) cids.push(await tenant.channel(users.ann, users.bob));
  const text = 'x'.repeat(100);
  for (const each of cids) await set(users.bob, each, { body: { text } });
  const first = await list(users.bob, '?limit=2');
  const second = await list(users.bob, `?limit=2&cursor=${first.next}`);
  const third = await list(users.bob, `?limit=2&cursor=${second.next}`);
  expect([...first.items, ...second.items, ...third.items].map((draft) => draft.cid)).toEqual(cids.toReversed());
  expect(third.next).toBe(null);
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  expect((await list(users.bob)).items.map((draft) => draft.cid)).toEqual(cids.slice(1).toReversed());
  const refused = await put(users.bob, cid, { body: { text: 'late' } });
  expect([refused.status, refused.body.code]).toEqual([403, 'not_member']);
});

test('[DRAFT-4] a page of large drafts ends at its bytes, and so many drafts may be', async () => {
  const { tenant, tid, users, cid } = await newRoom(system, 'ann');
  await system.sql`
    with made as (
      insert into conversations (conversation_id, tenant_id, kind, created_by)
      select gen_random_uuid(), ${tid}, 'group', ${users.ann.userId} from generate_series(1, ${LIMITS.draftsPerUser - 1})
      returning conversation_id
    ), joined as (
      insert into participants (conversation_id, user_id, tenant_id)
      select conversation_id, ${users.ann.userId}, ${tid} from made returning conversation_id
    )
    select from joined`;
  await system.sql`
    insert into drafts (conversation_id, user_id, tenant_id, body, version, updated_at)
    select conversation_id, user_id, tenant_id, json_build_object('text', repeat('x', 15000)), 1, now()
    from participants where user_id = ${users.ann.userId} and conversation_id <> ${cid}`;
  await set(users.ann, cid, { body: { text: 'the last' } });
  await set(users.ann, cid, { body: { text: 'the last, changed' } });
  const page = await list(users.ann, '?limit=200');
  expect(page.items.length).toBeLessThan(100);
  expect(page.next).not.toBe(null);
  expect(JSON.stringify(page).length).toBeLessThan(LIMITS.pageBytes);
  const another = await tenant.channel(users.ann);
  const refused = await put(users.ann, another, { body: { text: 'one more' } });
  expect([refused.status, refused.body.code]).toEqual([413, 'too_large']);
  await set(users.ann, cid, { body: null });
  expect((await set(users.ann, another, { body: { text: 'one more' } })).body).toEqual({ text: 'one more' });
});
