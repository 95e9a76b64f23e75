/** What an application does not hold, the client does not hold either. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Client } from './client.ts';
import { connected, OTHER, ROOM, settle } from './test/fake-gateway.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** Whether what was made is gone once nobody holds it. */
async function isFreed(client: Client, use: (client: Client, cid: string) => unknown): Promise<boolean> {
  const held = await (async () => {
    await use(client, ROOM);
    return new WeakRef(client.conversation(ROOM));
  })();
  for (let round = 0; round < 10 && held.deref() !== undefined; round += 1) {
    await settle();
    collect();
  }
  return held.deref() === undefined;
}

test('a conversation that was left is freed, with all that listened to it', async () => {
  const { client } = await connected();
  const freed = await isFreed(client, async (_, cid) => {
    const room = client.join(cid);
    await room.joined;
    room.on('message', () => undefined);
    room.leave();
  });
  expect(freed).toBe(true);
});

test('one that was only looked at is freed, and one that is told of but not held is not made', async () => {
  const { client, gateway } = await connected();
  const told: string[] = [];
  client.on('conv', ({ cid }) => told.push(cid));
  gateway.live.push({ t: 'conv', cid: OTHER, event: 'added' });
  expect(told).toEqual([OTHER]);
  expect(await isFreed(client, (_, cid) => client.conversation(cid).head)).toBe(true);
});

test('one that is wanted, or listened to, is kept, and is the same every time', async () => {
  const { client } = await connected();
  expect(await isFreed(client, (_, cid) => client.join(cid))).toBe(false);
  const other = await connected();
  expect(await isFreed(other.client, (_, cid) => other.client.conversation(cid).on('conv', () => undefined))).toBe(
    false,
  );
  const held = other.client.join(ROOM);
  held.leave();
  const heard: string[] = [];
  held.on('conv', ({ event }) => heard.push(event));
  held.leave();
  other.gateway.live.push({ t: 'conv', cid: ROOM, event: 'added' });
  expect(heard).toEqual(['added']);
  expect(other.client.conversation(ROOM)).toBe(held);
  expect(other.client.join(ROOM)).toBe(held);
});
