import { VirtualClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { type TypingEvent } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Typing } from './typing.ts';

const ann = { tid: 'tenant', userId: 'ann', sid: 's1' };

function open() {
  const clock = new VirtualClock();
  const told: string[] = [];
  const typing = new Typing({
    clock,
    publish(subject, payload) {
      const { userId, on, sid } = JSON.parse(payload) as TypingEvent;
      told.push(`${clock.monotonic()} ${subject} ${userId} ${sid} ${on}`);
    },
  });
  return { clock, typing, told };
}

test('[TYP-1] [TYP-3] begins, and ends by itself five seconds after the last renewal', () => {
  const { clock, typing, told } = open();
  typing.set(ann, 'room', true);
  clock.advance(3_000);
  typing.set(ann, 'room', true);
  clock.advance(LIMITS.typingMs - 1);
  expect(told).toEqual(['0 conv.tenant.room.typing ann s1 true', '3000 conv.tenant.room.typing ann s1 true']);
  clock.advance(1);
  expect(told.at(-1)).toBe('8000 conv.tenant.room.typing ann s1 false');
  clock.advance(60_000);
  expect(told).toHaveLength(3);
});

test('renewals in quick succession are told once and count all the same', () => {
  const { clock, typing, told } = open();
  for (let at = 0; at < 1_000; at += 100) {
    typing.set(ann, 'room', true);
    clock.advance(100);
  }
  expect(told).toHaveLength(1);
  clock.advance(LIMITS.typingMs - 101);
  expect(told).toHaveLength(1);
  clock.advance(1);
  expect(told.at(-1)).toBe('5900 conv.tenant.room.typing ann s1 false');
});

test('[TYP-4] ends when the session says so or leaves, and is not told twice', () => {
  const { clock, typing, told } = open();
  typing.set(ann, 'room', true);
  typing.set(ann, 'room', false);
  typing.stop('s1', 'room');
  typing.set({ ...ann, sid: 's2' }, 'room', false);
  clock.advance(60_000);
  expect(told.map((entry) => entry.split(' ').at(-1))).toEqual(['true', 'false']);
});

test('each session and room ends in its own time', () => {
  const { clock, typing, told } = open();
  typing.set(ann, 'one', true);
  clock.advance(1_000);
  typing.set(ann, 'two', true);
  clock.advance(1_000);
  typing.set(ann, 'one', true);
  clock.advance(60_000);
  expect(told.filter((entry) => entry.endsWith('false')).map((entry) => entry.slice(0, 21))).toEqual([
    '6000 conv.tenant.two.',
    '7000 conv.tenant.one.',
  ]);
});

test('[TYP-6] who begins and stops all the time is told of once a second, and rightly at the end', () => {
  const { clock, typing, told } = open();
  for (let at = 0; at < 10_000; at += 10) {
    typing.set(ann, 'room', (at / 10) % 2 === 0);
    clock.advance(10);
  }
  expect(told.length).toBeLessThanOrEqual(11);
  typing.set(ann, 'room', false);
  clock.advance(60_000);
  expect(told.at(-1)).toContain('false');
  expect(typing.size).toBe(0);
});

test('[TYP-6] all sessions of a user count together, at one place', () => {
  const { clock, typing, told } = open();
  for (let round = 0; round < 100; round += 1) {
    for (let session = 0; session < 10; session += 1) {
      typing.set({ ...ann, sid: `s${session}` }, 'room', round % 2 === 0);
    }
    clock.advance(50);
  }
  expect(told.length).toBeLessThanOrEqual(6);
});

test('[TYP-3] [TYP-6] one that stops while another session of the user goes on typing ends nothing', () => {
  const { clock, typing, told } = open();
  typing.set(ann, 'room', true);
  clock.advance(1_500);
  typing.set({ ...ann, sid: 's2' }, 'room', true);
  typing.set(ann, 'room', false);
  clock.advance(3_000);
  expect(told).toEqual(['0 conv.tenant.room.typing ann s1 true']);
  typing.stop('s2', 'room');
  // Everybody who was told of the beginning is told of the end: all but the session that began.
  expect(told.at(-1)).toBe('4500 conv.tenant.room.typing ann s1 false');
});

test('[TYP-6] an end within a second of the beginning is told after it, unless typing has gone on', () => {
  const { clock, typing, told } = open();
  typing.set(ann, 'room', true);
  clock.advance(300);
  typing.set(ann, 'room', false);
  clock.advance(300);
  typing.set(ann, 'room', true);
  clock.advance(2_000);
  expect(told).toHaveLength(1);
  typing.set(ann, 'room', false);
  expect(told.map((entry) => entry.split(' ').at(-1))).toEqual(['true', 'false']);
});
