import { VirtualClock } from '@messagecore/kernel';
import { LIMITS, type TypingEvent } from '@messagecore/protocol';
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
