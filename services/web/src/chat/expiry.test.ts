import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { nextExpiry, withoutExpired } from './expiry.ts';
import type { OpenThread } from './open-thread.ts';
import { ChatStore } from './store.ts';
import { chatState, conversation, message } from './test/held.ts';
import { EMPTY } from './timeline.ts';

const expiring = (seq: number, expiresAt: number) => message(seq, { expiresAt, body: { text: 'secret' } });

test('[EXPR-4] what has expired is hidden wherever it is held, and what has not stays', () => {
  const thread: OpenThread = {
    ...{ cid: 'room', seq: 4, root: expiring(4, 10), hasOlder: false, newAfter: Infinity },
    timeline: { ...EMPTY, messages: [expiring(5, 10), expiring(6, 20)] },
  };
  const held = {
    ...conversation(0, expiring(8, 20), expiring(9, 10)),
    excerpt: { ...EMPTY, messages: [expiring(1, 10), message(2)] },
    quoted: new Map([
      [3, expiring(3, 10)],
      [7, null],
    ]),
  };
  const state = { ...chatState(held), thread };
  expect(nextExpiry(state)).toBe(10);
  const shown = withoutExpired(state, 10);
  const [room] = shown.conversations.values();
  const all = [room?.timeline, room?.excerpt, shown.thread?.timeline].flatMap((each) => each?.messages ?? []);
  const left = [...all, room?.last, room?.quoted.get(3), shown.thread?.root].filter((each) => each?.body['text']);
  expect(left.map((each) => each?.seq)).toEqual([8, 2, 6]);
  expect([nextExpiry(shown), nextExpiry(withoutExpired(shown, 20))]).toEqual([20, Infinity]);
});

test('[EXPR-4] a message that is shown is hidden when its time comes, whatever else happens', () => {
  const clock = new VirtualClock(1_000);
  const store = new ChatStore(chatState(conversation(0, expiring(1, 90_000_000_000))), () => 0, clock);
  const heard: unknown[] = [];
  const off = store.subscribe(() => heard.push(store.get('room')?.last?.expired));
  clock.advance(80_000_000_000);
  store.change('room', ({ timeline }) => ({ timeline: { ...timeline, messages: [expiring(1, 90_000_000_000)] } }));
  clock.advance(9_999_998_999);
  expect(heard).toEqual([undefined]);
  clock.advance(1);
  expect(heard).toEqual([undefined, true]);
  store.change('room', () => ({ last: expiring(2, 90_000_000_000) }));
  clock.advance(16);
  expect(heard.at(-1)).toBe(true);
  off();
  expect(clock.untilNext).toBeUndefined();
});
