/** Who is typing, as the application is told. */
import { LIMITS } from '@messagecore/protocol/constants';
import { expect, test } from 'vitest';
import { breakConnection, connected, ROOM, YOU } from './test/fake-gateway.ts';

async function watched() {
  const made = await connected();
  const room = made.client.join(ROOM);
  await room.joined;
  const told: boolean[] = [];
  room.on('typing', ({ on }) => told.push(on));
  const hear = (on: boolean) => made.gateway.live.push({ t: 'typing', cid: ROOM, from: YOU, on });
  return { ...made, room, told, hear };
}

test('[TYP-3] a mark ends by itself: when nobody ends it, and when the connection broke meanwhile', async () => {
  const { gateway, told, hear } = await watched();
  hear(true);
  gateway.clock.advance(LIMITS.typingMs + 1_000);
  expect(told).toEqual([true, false]);
  hear(true);
  await breakConnection(gateway);
  expect(told).toEqual([true, false, true, false]);
});

test('a mark ends with the message, with leaving, and not twice', async () => {
  const { gateway, room, told, hear } = await watched();
  hear(true);
  gateway.post(ROOM, 'a');
  hear(false);
  gateway.clock.advance(60_000);
  expect(told).toEqual([true, false]);
  hear(true);
  room.leave();
  hear(true);
  expect(told).toEqual([true, false, true, false]);
});

test('one device that stops does not end the mark of the second, which types on', async () => {
  const { gateway, told, hear } = await watched();
  /** Two devices renew every 2.5 s, one half a second after the other. */
  for (const ms of [500, 2_000, 500]) {
    hear(true);
    gateway.clock.advance(ms);
  }
  hear(false);
  gateway.clock.advance(2_000);
  hear(true);
  expect(told).toEqual([true, true, true, true]);
  gateway.clock.advance(2_500);
  hear(false);
  hear(false);
  gateway.clock.advance(LIMITS.typingMs);
  expect(told.at(-1)).toBe(false);
});

test('sending ends the own mark', async () => {
  const { gateway, room } = await watched();
  room.typing(true);
  room.send({ text: 'x' });
  room.send({ text: 'y' });
  expect(gateway.live.received.slice(2).map((frame) => (frame.t === 'typing' ? frame.on : frame.t))).toEqual([
    true,
    'send',
    false,
    'send',
  ]);
});
