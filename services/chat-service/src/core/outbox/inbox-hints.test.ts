import { VirtualClock } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { InboxHints } from './inbox-hints.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function open() {
  const clock = new VirtualClock();
  const said: [string, [string, number][]][] = [];
  let dropped = 0;
  const hints = new InboxHints({
    signals: { inbox: (tid, conversations) => void said.push([tid, [...conversations]]) },
    log: createLogger({ name: 'test', level: 'silent' }),
    timing: { clock },
    onDropped: () => (dropped += 1),
  });
  const note = (tid: string, cid: string, last: number, topic: 'msg' | 'upd' = 'msg') =>
    hints.note({ outboxId: 1, ranges: [{ tid, cid, topic, first: last, last, frames: ['{}'] }] });
  return { clock, hints, said, note, dropped: () => dropped };
}

test('what comes first is said at once, what follows is gathered, by tenant; changes are no news', async () => {
  const { clock, hints, said, note } = open();
  note('t', 'a', 1);
  await settled();
  expect(said.splice(0)).toEqual([['t', [['a', 1]]]]);
  for (let seq = 2; seq < 100; seq += 1) note('t', 'a', seq);
  note('t', 'b', 7);
  note('u', 'c', 1);
  note('u', 'd', 1, 'upd');
  await settled();
  expect(said).toEqual([]);
  clock.advance(500);
  await settled();
  expect(said).toEqual([
    [
      't',
      [
        ['a', 99],
        ['b', 7],
      ],
    ],
    ['u', [['c', 1]]],
  ]);
  await hints.stop();
});

test('it is bounded, in what waits and in what is said at once, and says the rest when it stops', async () => {
  const { hints, said, note, dropped } = open();
  note('t', 'a', 1);
  await settled();
  for (let n = 0; n < 50_010; n += 1) note('t', `c${n}`, 1);
  note('t', 'c0', 2);
  await hints.stop();
  const sizes = said.slice(1).map(([, conversations]) => conversations.length);
  expect([dropped(), sizes.reduce((sum, size) => sum + size, 0), Math.max(...sizes)]).toEqual([10, 50_000, 2_000]);
  expect(said[1]?.[1][0]).toEqual(['c0', 2]);
});
