import { CLOSE } from '@messagecore/protocol';
import { TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { startTicks } from '../support/ticks.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

// Shorter than the protocol's own, of which `ready` tells (CON-5), in the same proportion.
const heartbeatMs = 1_000;
const deadPeerMs = 3_000;

beforeAll(async () => {
  system = await startSystem({ gateways: 1, gateway: { timing: { heartbeatMs, deadPeerMs } } });
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const once = (client: { socket: NodeJS.EventEmitter }, event: string) =>
  new Promise((resolve) => client.socket.once(event, resolve));

test.each(['json', 'msgpack'] as const)('[HB-1] ping is answered by pong (%s)', async (encoding) => {
  const client = await system.connect(room.users.ann, { encoding });
  for (const at of [0, 1, Date.now(), Number.MAX_SAFE_INTEGER]) {
    client.sendFrame({ t: 'ping', at });
    await client.record.next('pong', { at });
  }
});

test('[HB-2] a client’s protocol ping gets its pong', async () => {
  const client = await system.connect(room.users.ann);
  const pong = once(client, 'pong');
  client.socket.ping('are you there?');
  expect(String(await pong)).toBe('are you there?');
});

test('[HB-2] the server pings', async () => {
  const client = await system.connect(room.users.ann);
  const ticks = startTicks();
  for (let i = 0; i < 2; i += 1) await once(client, 'ping');
  expect(ticks.elapsedMs).toBeLessThan(heartbeatMs * 4);
  ticks.stop();
});

test('[HB-3] a peer that is never heard is dropped in time', async () => {
  const { hostname, port } = new URL(system.ws());
  const proxy = await TcpProxy.start({ host: hostname, port: Number(port) });
  const halfOpen = await system.connect(room.users.bob, { url: `ws://127.0.0.1:${proxy.port}/ws` });
  const mute = await system.connect(room.users.bob, { autoPong: false });
  const ann = await system.connect(room.users.ann);
  await Promise.all([ann, halfOpen].map((client) => client.join(room.cid)));
  // A typist whose connection is dropped stops typing: so the others can tell that the half-open one is gone too.
  const keepTyping = () => halfOpen.sendFrame({ t: 'typing', cid: room.cid, on: true });
  keepTyping();
  await ann.record.next('typing', { cid: room.cid, on: true });
  proxy.set({ silent: true });
  const ticks = startTicks();
  expect(await mute.closed).toMatchObject({ code: CLOSE.timeout });
  expect(ticks.elapsedMs).toBeLessThan(deadPeerMs + 2_000);
  await ann.record.next('typing', { cid: room.cid, on: false });
  expect(ticks.elapsedMs).toBeLessThan(deadPeerMs + 2_000);
  ticks.stop();
  expect(ann.socket.readyState).toBe(ann.socket.OPEN);
  await proxy.stop();
});

test('[HB-4] any sign of life keeps a session', async () => {
  const byFrame = await system.connect(room.users.ann, { autoPong: false });
  const byPing = await system.connect(room.users.ann, { autoPong: false });
  const byPong = await system.connect(room.users.ann);
  const silent = await system.connect(room.users.ann, { autoPong: false });
  const beat = setInterval(() => {
    byFrame.sendFrame({ t: 'ping', at: 1 });
    byPing.socket.ping();
  }, heartbeatMs / 2);
  // Twice the time after which one that was silent from the start is gone.
  await silent.closed;
  const second = await system.connect(room.users.ann, { autoPong: false });
  await second.closed;
  for (const client of [byFrame, byPing, byPong]) {
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await client.settle();
  }
  clearInterval(beat);
});
