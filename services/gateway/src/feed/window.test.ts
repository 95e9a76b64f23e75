import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Block } from '../egress/block.ts';
import { CID, framesOf, messageFrame, update } from '../egress/frames.fixture.ts';
import { Window } from './window.ts';

const ALL = Number.POSITIVE_INFINITY;

const messages = (first: number, count: number) =>
  Block.messages(
    CID,
    first,
    Array.from({ length: count }, (_, i) => messageFrame(first + i)),
  );
const updates = (...marks: [rev: number, seq: number][]) => {
  const list = marks.map(([rev, seq]) => update(rev, seq));
  return Block.updates(
    CID,
    list.map(({ frame }) => frame),
    list,
  );
};

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('messages' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('update' as const), of: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shrink' as const), to: fc.nat(3_000) }) },
);

test('[REV-4] gives messages in their latest state and of each message its last change, in order, always a whole suffix', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.array(step, { maxLength: 60 }), fc.nat(20), (start, steps, ask) => {
      const window = new Window();
      window.reset(start, 0);
      let head = start;
      let rev = 0;
      const states = new Map<number, number>();
      for (const action of steps) {
        if (action.do === 'messages') {
          window.append(messages(head + 1, action.count));
          for (let seq = head + 1; seq <= head + action.count; seq += 1) states.set(seq, 0);
          head += action.count;
        } else if (action.do === 'update' && head > start) {
          const seq = start + 1 + Math.floor(action.of * (head - start));
          window.append(updates([(rev += 1), seq]));
          states.set(seq, rev);
        } else if (action.do === 'shrink') {
          window.shrink(action.to);
          expect(window.bytes).toBeLessThanOrEqual(action.to);
        }
      }
      const from = Math.min(ask + start, head);
      const got = window.messagesAfter(from, ALL);
      if (from + 1 < window.first) expect(got).toBeUndefined();
      else
        expect(framesOf(got!).map(({ seq, rev: state }) => [seq, state])).toEqual(
          [...states].filter(([seq]) => seq > from),
        );
      const changes = window.updatesAfter(Math.min(ask, rev), ALL);
      if (ask >= window.afterRev) {
        const expected = [...states.values()].filter((state) => state > ask).toSorted((a, b) => a - b);
        expect(framesOf(changes!).map((frame) => frame.rev)).toEqual(expected);
      } else expect(changes).toBeUndefined();
    }),
  );
});

test('a slice ends soon after its bytes, and goes on from there', () => {
  const window = new Window();
  for (let seq = 1; seq <= 40; seq += 4) window.append(messages(seq, 4));
  const seen: number[] = [];
  for (let at = 0; at < 40; at = seen.at(-1)!) {
    const slice = framesOf(window.messagesAfter(at, 300)!);
    expect(slice.length).toBeLessThanOrEqual(8);
    seen.push(...slice.map(({ seq }) => seq));
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

test('starts again after a gap', () => {
  const window = new Window();
  window.append(messages(1, 3));
  window.append(Block.gap(CID, 4, 9, 'erased'));
  expect(window.first).toBe(10);
  window.append(messages(10, 2));
  expect(window.messagesAfter(3, ALL)).toBeUndefined();
  expect(framesOf(window.messagesAfter(9, ALL)!)).toHaveLength(2);
});

test('takes older messages only where they join', () => {
  const window = new Window();
  window.reset(10, 0);
  expect(window.prepend(messages(5, 3))).toBe(false);
  expect(window.prepend(messages(8, 3))).toBe(true);
  expect(window.prepend(messages(3, 5))).toBe(true);
  expect(window.first).toBe(3);
  window.append(updates([1, 4]));
  expect(framesOf(window.messagesAfter(2, ALL)!).find(({ seq }) => seq === 4)).toMatchObject({ t: 'message', rev: 1 });
});

test('a change to a message that is not here is kept as a change alone', () => {
  const window = new Window();
  window.reset(10, 4);
  window.append(updates([5, 3]));
  expect(window.messagesAfter(10, ALL)).toEqual([]);
  expect(framesOf(window.updatesAfter(4, ALL)!)).toHaveLength(1);
  expect(window.updatesAfter(3, ALL)).toBeUndefined();
});
