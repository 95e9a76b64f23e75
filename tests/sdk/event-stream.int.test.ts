import type { WebSocketConstructor } from '@messagecore/sdk';
import { TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { type Watched, watch } from './clients.ts';

let system: System;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await system.stop();
});

type Pair = Room<'ann' | 'bob'> & { readonly ann: Watched; readonly bob: Watched };

/** Ann uses WebSocket, Bob does not. */
async function pair(url = system.ws()): Promise<Pair> {
  const room = await newRoom(system, 'ann', 'bob');
  const ann = watch(system, room.users.ann);
  const bob = watch(system, room.users.bob, { transport: 'sse', url });
  cleanups.push(
    () => ann.client.close(),
    () => bob.client.close(),
  );
  return { ...room, ann, bob };
}

test('[SSE-1] [SSE-2] without WebSocket one joins, receives, sends, reads and changes', async () => {
  const { ann, bob, cid, users } = await pair();
  const here = ann.client.join(cid);
  const there = bob.client.join(cid, { since: 0, rev: 0 });
  await Promise.all([here.joined, there.joined]);
  expect(bob.client.state).toMatchObject({ phase: 'online', transport: 'sse' });

  const sends = range(1, 20).map((n) => there.send({ text: `${n}` }).delivered);
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(range(1, 20));
  await here.send({ text: '21' }).delivered;
  await bob.until('all messages', () => bob.shown.length >= 21);
  expect(bob.shown).toEqual(range(1, 21).map((n) => `${n}:${n}`));

  there.read(21);
  await ann.until('the read mark', () => here.reads.get(users.bob.userId) === 21);
  await there.edit(1, { text: 'one' });
  await there.react(21, '👍');
  await expect(there.edit(21, { text: 'mine' })).rejects.toMatchObject({ code: 'forbidden' });
  const { items } = await here.history({ limit: 30 });
  expect(items[0]).toMatchObject({ body: { text: 'one' }, edited: true });
  expect(items[20]).toMatchObject({ reactions: { '👍': 1 } });
});

test('[SSE-2] a conversation joined later comes in too, and none is repeated', async () => {
  const { ann, bob, cid, tenant, users } = await pair();
  const other = await tenant.channel(users.ann, users.bob);
  await bob.client.join(cid, { since: 0, rev: 0 }).joined;
  await ann.client.conversation(cid).send({ text: 'a' }).delivered;
  await ann.client.conversation(other).send({ text: 'b' }).delivered;
  await bob.until('the first', () => bob.shown.length === 1);
  await bob.client.join(other, { since: 0, rev: 0 }).joined;
  await ann.client.conversation(cid).send({ text: 'c' }).delivered;
  await bob.until('all messages', () => bob.shown.length >= 3);
  expect(bob.shown.toSorted()).toEqual(['1:a', '1:b', '2:c']);
});

test('[SSE-3] [REV-4] a broken stream goes on where it stood, with messages and changes', async () => {
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: system.gateways[1]!.port });
  cleanups.push(() => proxy.stop());
  const { ann, bob, cid } = await pair(`ws://127.0.0.1:${proxy.port}/ws`);
  const here = ann.client.join(cid);
  const there = bob.client.join(cid, { since: 0, rev: 0 });
  const updates: number[] = [];
  there.on('update', ({ rev }) => updates.push(rev));
  await Promise.all([here.joined, there.joined]);
  for (const text of ['a', 'b']) await here.send({ text }).delivered;
  await bob.until('the first two', () => bob.shown.length === 2);
  proxy.set({ refuse: true });
  proxy.cut();
  await here.edit(1, { text: 'A' });
  await here.send({ text: 'c' }).delivered;
  const { delivered } = there.send({ text: 'd' });
  proxy.set({});
  expect(await delivered).toEqual({ seq: 4 });
  await bob.until('all of it', () => bob.shown.length >= 4 && updates.length > 0);
  expect(bob.shown).toEqual(['1:a', '2:b', '3:c', '4:d']);
  expect(updates).toEqual([1]);
});

test('[SSE-4] a foreign conversation is refused, and the others go on', async () => {
  const { ann, bob, cid } = await pair();
  const theirs = await newRoom(system, 'eve');
  const refused = bob.client.join(theirs.cid).joined;
  const joined = bob.client.join(cid).joined;
  await expect(refused).rejects.toMatchObject({ code: 'not_found' });
  await joined;
  await ann.client.conversation(cid).send({ text: 'a' }).delivered;
  await bob.until('the message', () => bob.shown.length > 0);
});

test('where WebSocket cannot be opened, SSE takes over by itself', async () => {
  const { cid, users, ann } = await pair();
  let tried = 0;
  class Blocked extends EventTarget {
    binaryType = 'blob';
    constructor() {
      super();
      tried += 1;
      queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 })));
    }
    send(): void {}
    close(): void {}
  }
  const WebSocket = Blocked as unknown as WebSocketConstructor;
  const eve = watch(system, users.bob, { WebSocket, random: () => 0 });
  cleanups.push(() => eve.client.close());
  await eve.client.join(cid).joined;
  expect(tried).toBe(3);
  expect(eve.client.state).toMatchObject({ phase: 'online', transport: 'sse' });
  await ann.client.conversation(cid).send({ text: 'a' }).delivered;
  await eve.until('the message', () => eve.shown.length > 0);
});
