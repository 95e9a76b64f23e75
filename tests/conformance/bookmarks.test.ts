/** Messages that a user keeps at hand (MARK). */
import { LIMITS } from '@messagecore/protocol';
import type { Bookmark, BookmarkState, Page } from '@messagecore/protocol/features';
import { bookmarkOperations as operations } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

async function say(user: TestUser, cid: string, text: string): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text } };
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  return (await must<{ seq: number }>('POST', url, { headers: user.auth, body })).seq;
}

const ask = (user: TestUser, method: 'PUT' | 'DELETE', cid: string, seq: number, body: object = {}) =>
  call<BookmarkState & { code: string }>(method, `${system.api}/v1/conversations/${cid}/messages/${seq}/bookmark`, {
    headers: user.auth,
    ...(method === 'PUT' && { body }),
  });
const mark = async (...args: Parameters<typeof ask>) => (await ask(...args)).body;
const list = (user: TestUser, query = '') =>
  must<Page<Bookmark>>('GET', `${system.api}/v1/bookmarks${query}`, { headers: user.auth });

test('[MARK-1] a message that one sees is bookmarked once, with a note, and nobody else knows', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const seq = await say(users.bob, cid, 'good');
  const made = await mark(users.ann, 'PUT', cid, seq);
  expect(made).toEqual({ cid, seq, note: null, at: expect.any(Number) });
  const noted = await mark(users.ann, 'PUT', cid, seq, { note: 'why' });
  expect(noted).toEqual({ ...made, note: 'why' });
  expect((await list(users.ann)).items).toMatchObject([{ ...noted, message: { seq, body: { text: 'good' } } }]);
  expect((await list(users.bob)).items).toEqual([]);
  const stranger = await tenant.user('stranger');
  for (const method of ['PUT', 'DELETE'] as const) {
    expect((await mark(users.ann, method, cid, seq + 1)).code).toBe('not_found');
    expect((await mark(stranger, method, cid, seq)).code).toBe('not_member');
  }
  expect(await mark(users.ann, 'DELETE', cid, seq)).toEqual({ cid, seq, note: null, at: null });
  expect(await mark(users.ann, 'DELETE', cid, seq)).toEqual({ cid, seq, note: null, at: null });
  expect((await list(users.ann)).items).toEqual([]);
});

test('[MARK-2] the newest is first, each with its message as it is now, or not any more', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const marked: [string, number][] = [];
  for (const [n, each] of [cid, other, cid, cid].entries()) {
    marked.push([each, await say(users.ann, each, `message ${n}`)]);
    await mark(users.bob, 'PUT', ...marked.at(-1)!);
  }
  const [, , third] = marked;
  await must('DELETE', `${system.api}/v1/conversations/${cid}/messages/${third![1]}`, { headers: users.ann.auth });
  const pages = [await list(users.bob, '?limit=2')];
  pages.push(await list(users.bob, `?limit=2&cursor=${pages[0]!.next}`));
  const items = pages.flatMap((page) => page.items);
  expect(items.map((item) => [item.cid, item.seq])).toEqual(marked.toReversed());
  expect(pages[1]!.next).toBe(null);
  expect(items.map(({ message }) => message?.recalled === true)).toEqual([false, true, false, false]);
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  const left = (await list(users.bob)).items;
  expect(left.map(({ message }) => message?.body)).toEqual([undefined, undefined, { text: 'message 1' }, undefined]);
  const [gone] = marked;
  expect(await mark(users.bob, 'DELETE', ...gone!)).toMatchObject({ at: null });
  expect((await list(users.bob)).items).toHaveLength(3);
});

test('[MARK-2] of what was before a newcomer’s history nothing is shown', async () => {
  const { cid, users, tid } = await newRoom(system, 'ann', 'bob');
  const seq = await say(users.ann, cid, 'secret');
  await mark(users.bob, 'PUT', cid, seq);
  await system.sql`update conversations set history_since_joining = true where conversation_id = ${cid}`;
  await system.sql`
    update participants set history_from = ${seq + 1}
    where conversation_id = ${cid} and user_id = ${users.bob.userId} and tenant_id = ${tid}`;
  expect((await list(users.bob)).items).toMatchObject([{ seq, message: null }]);
});

test('[MARK-2] a page of large messages ends at its bytes', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const seqs: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    seqs.push(await say(users.ann, cid, '語'.repeat(LIMITS.textCodePoints)));
    await mark(users.ann, 'PUT', cid, seqs.at(-1)!);
  }
  const page = await list(users.ann, '?limit=200');
  expect(page.items.length).toBeLessThan(30);
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 8_192);
  const rest = await list(users.ann, `?limit=200&cursor=${page.next}`);
  expect([...page.items, ...rest.items].map(({ seq }) => seq)).toEqual(seqs.toReversed());
});

test('[MARK-2] [PREV-1] a page of messages with large previews ends at its bytes', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const seqs: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    seqs.push(await say(users.ann, cid, 'https://example.com'));
    await mark(users.ann, 'PUT', cid, seqs.at(-1)!);
  }
  await system.sql`
    update messages set previews = json_build_array(json_build_object('url', 'https://example.com', 'title', repeat('x', 50000)))
    where conversation_id = ${cid} and kind = 'text'`;
  const page = await list(users.ann, '?limit=200');
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 8_192);
  const rest = await list(users.ann, `?limit=200&cursor=${page.next}`);
  expect([...page.items, ...rest.items].map(({ seq }) => seq)).toEqual(seqs.toReversed());
});

test('[MARK-3] a change reaches the other sessions, at every gateway, and what changes nothing reaches none', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const seq = await say(users.ann, cid, 'good');
  const [phone, laptop, bob] = await Promise.all([
    system.connect(users.ann, { gateway: 0 }),
    system.connect(users.ann, { gateway: 1, encoding: 'msgpack' }),
    system.connect(users.bob, { gateway: 1 }),
  ]);
  const { data: made } = (await callOf(phone, operations.setBookmark, { cid, seq, note: 'why' })) as {
    data: BookmarkState;
  };
  await callOf(phone, operations.setBookmark, { cid, seq, note: 'why' });
  await callOf(phone, operations.removeBookmark, { cid, seq });
  await laptop.record.until('the removal', () => laptop.record.of('event').some(({ data }) => data['at'] === null));
  const event = { t: 'event', event: 'conversation.bookmark', cid };
  const gone = { cid, seq, note: null, at: null };
  expect(laptop.record.of('event')).toEqual([
    { ...event, data: made },
    { ...event, data: gone },
  ]);
  for (const client of [phone, bob]) await client.settle();
  expect([phone.record.of('event').length, bob.record.of('event').length]).toEqual([0, 0]);
});

test('[MARK-1] so many may be', async () => {
  const { cid, tid, users } = await newRoom(system, 'ann');
  const seq = await say(users.ann, cid, 'good');
  await system.sql`
    insert into bookmarks (user_id, conversation_id, seq, tenant_id, created_at)
    select ${users.ann.userId}, ${cid}, ${seq}::int + n, ${tid}, now() from generate_series(1, ${LIMITS.bookmarksPerUser}) n`;
  const more = await ask(users.ann, 'PUT', cid, seq);
  expect([more.status, more.body.code]).toEqual([413, 'too_large']);
});
