/** Pinned messages (REV-12). */
import { LIMITS, type Message } from '@messagecore/protocol';
import { messageOperations as operations, type Page } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { fill, joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const urlOf = (cid: string, seq: number) => `${system.api}/v1/conversations/${cid}/messages/${seq}/pin`;
const pin = (user: TestUser, cid: string, seq: number, method: 'PUT' | 'DELETE' = 'PUT') =>
  call<{ pinned?: boolean; rev: number; code?: string }>(method, urlOf(cid, seq), { headers: user.auth });
const pins = async (user: TestUser, cid: string) =>
  (await must<Page<Message>>('GET', `${system.api}/v1/conversations/${cid}/pins?limit=200`, { headers: user.auth }))
    .items;

test('[REV-12] a pin reaches everybody as an update, is replayed, and shows in the list until it is taken back', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const [first, second] = [await ann.sayAndWait(cid, 'one'), await ann.sayAndWait(cid, 'two')];
  await callOf(ann, operations.addPin, { cid, seq: first });
  await callOf(ann, operations.addPin, { cid, seq: second });
  await bob.record.next('update', { cid, seq: second, pinned: true });
  expect((await pins(users.bob, cid)).map(({ seq, pinned }) => [seq, pinned])).toEqual([
    [second, true],
    [first, true],
  ]);
  const again = await pin(users.ann, cid, first);
  expect(again.body).toMatchObject({ pinned: true, rev: 1 });

  const late = await system.connect(users.bob, { gateway: 1 });
  await late.join(cid, { since: second, rev: 0 });
  await late.record.next('update', { cid, seq: first, pinned: true });

  expect((await pin(users.ann, cid, first, 'DELETE')).body).toMatchObject({ rev: 3 });
  const update = await bob.record.next('update', { cid, seq: first, rev: 3 });
  expect(update.pinned).toBeUndefined();
  await must('DELETE', `${system.api}/v1/conversations/${cid}/messages/${second}`, { headers: users.ann.auth });
  expect(await pins(users.bob, cid)).toEqual([]);
  expect((await pin(users.ann, cid, second)).body).toMatchObject({ code: 'conflict' });
});

test('[REV-12] members pin in groups, admins in channels', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'one');
  expect((await pin(users.bob, cid, seq)).body).toMatchObject({ code: 'forbidden' });
  expect((await pin(users.ann, cid, seq)).status).toBe(200);
});

test('[REV-12] one pin too many is refused, however many come at once', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const most = LIMITS.pinsPerConversation;
  await fill(ann, cid, most + 10);
  const answers = await Promise.all(range(2, most + 10).map((seq) => pin(users.ann, cid, seq)));
  const codes = answers.filter(({ status }) => status !== 200).map(({ body }) => body.code);
  expect(codes).toEqual(Array.from({ length: 9 }, () => 'too_large'));
  expect(await pins(users.ann, cid)).toHaveLength(most);
});

test('[REV-12] [LAG-4] the list ends a page before it has too many bytes, and goes on', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const text = '語'.repeat(LIMITS.textCodePoints);
  const seqs: number[] = [];
  for (const _ of range(1, 30)) {
    const body = { mid: newMid(), kind: 'text', body: { text } };
    const url = `${system.api}/v1/conversations/${cid}/messages`;
    seqs.push((await must<{ seq: number }>('POST', url, { headers: users.ann.auth, body })).seq);
    await pin(users.ann, cid, seqs.at(-1) ?? 0);
  }
  const seen: number[] = [];
  let pages = 0;
  for (let cursor: string | null = ''; cursor !== null; pages += 1) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const url = `${system.api}/v1/conversations/${cid}/pins?limit=100${query}`;
    const page: Page<Message> = await must<Page<Message>>('GET', url, { headers: users.ann.auth });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 1_024);
    seen.push(...page.items.map(({ seq }) => seq));
    cursor = page.next;
  }
  expect(pages).toBeGreaterThan(1);
  expect(seen).toEqual(seqs.toReversed());
});
