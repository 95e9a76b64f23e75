import type { Message } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { pollBody, pollOf, votedFor } from './polls.ts';

const body = pollBody(' Lunch? ', ['Noodles', ' ', 'Rice '], { multiple: true, anonymous: false });
const message: Message = { cid: 'room', seq: 1, mid: 'm', from: 'ann', at: 0, kind: 'poll', body, rev: 0 };

test('a poll as it was made, with what was voted', () => {
  expect(pollOf(message, 0)).toEqual({
    question: 'Lunch?',
    options: [
      { id: 'o1', text: 'Noodles' },
      { id: 'o2', text: 'Rice' },
    ],
    ...{ multiple: true, anonymous: false, closesAt: undefined, counts: {}, voters: 0, isClosed: false },
  });
  const voted = pollOf({ ...message, poll: { counts: { o2: 3 }, voters: 3, closed: true } }, 0);
  expect(voted).toMatchObject({ counts: { o2: 3 }, voters: 3, isClosed: true });
});

test('it is closed from its time on, and none when it was recalled', () => {
  const timed = { ...message, body: { ...body, closesAt: 10 } };
  expect([9, 10].map((now) => pollOf(timed, now)?.isClosed)).toEqual([false, true]);
  expect(pollOf({ ...message, body: {}, recalled: true }, 0)).toBeUndefined();
});

test.each([
  [[], 'a', true, false, ['a']],
  [['a'], 'a', false, false, []],
  [['a'], 'b', true, false, ['b']],
  [['a'], 'b', true, true, ['a', 'b']],
  [['a', 'b'], 'a', false, true, ['b']],
  [['a', 'b'], 'c', false, true, ['a', 'b']],
])('%j and then %s %s, several %s', (own, option, on, multiple, after) => {
  expect(votedFor(own, option, on, multiple)).toEqual(after);
});
