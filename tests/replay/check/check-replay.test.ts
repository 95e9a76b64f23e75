import { describe, expect, test } from 'vitest';
import { checkReplay } from './check-replay.ts';
import type { ObservedEvent, ReplayHistory, SeenMessage, SentMessage } from './history.ts';
import { type Fault, FAULTS, isClean } from './verdict.ts';

const CID = 'c1';

interface Mutable {
  sent: SentMessage[];
  acks: { mid: string; seq: number }[];
  rows: SeenMessage[];
  events: ObservedEvent[];
}

/** Six lines by two authors, stored behind one `sys` message, seen by one observer that reconnected after seq 3. */
function perfect(): Mutable {
  const sent = Array.from({ length: 6 }, (_, i) => ({ mid: `m${i}`, cid: CID, from: `u${i % 2}`, text: `line ${i}` }));
  const rows: SeenMessage[] = [
    { seq: 1, mid: 's', from: 'u0', kind: 'sys', text: undefined },
    ...sent.map((line, i) => ({ seq: i + 2, mid: line.mid, from: line.from, kind: 'text', text: line.text })),
  ];
  const came = rows.map((message): ObservedEvent => ({ type: 'message', message }));
  return {
    sent,
    acks: sent.map((line, i) => ({ mid: line.mid, seq: i + 2 })),
    rows,
    events: [
      { type: 'joined', since: 0, head: 0 },
      ...came.slice(0, 3),
      { type: 'joined', since: 3, head: 5 },
      ...came.slice(3),
    ],
  };
}

function checkChanged(change: (history: Mutable) => void = () => {}) {
  const mutable = perfect();
  change(mutable);
  const history: ReplayHistory = {
    sent: mutable.sent,
    acks: mutable.acks,
    stored: new Map([[CID, mutable.rows]]),
    observations: [{ observer: 'observer 1', cid: CID, events: mutable.events }],
  };
  return checkReplay(history);
}

const cameAs = (event: ObservedEvent | undefined, change: Partial<SeenMessage>): ObservedEvent => {
  if (event?.type !== 'message') throw new Error('not a message');
  return { type: 'message', message: { ...event.message, ...change } };
};

describe('a history that is right', () => {
  test('has no faults and full counts', () => {
    const verdict = checkChanged();
    expect(verdict).toMatchObject({ sent: 6, acknowledged: 6, stored: 6, delivered: 7, expected: 7, findings: [] });
    expect(isClean(verdict)).toBe(true);
  });

  test('may hold repeated acknowledgements of the same seq', () => {
    expect(isClean(checkChanged((h) => h.acks.push({ mid: 'm2', seq: 4 })))).toBe(true);
  });

  test('may hold a stored line whose acknowledgement was lost', () => {
    const verdict = checkChanged((h) => h.acks.pop());
    expect(verdict.acknowledged).toBe(5);
    expect(isClean(verdict)).toBe(true);
  });
});

describe('a history that is wrong', () => {
  const swap = <T>(list: T[], a: number, b: number) => {
    [list[a], list[b]] = [list[b] as T, list[a] as T];
  };
  const cases: [what: string, fault: Fault, change: (history: Mutable) => void][] = [
    ['an acknowledged line is not stored', 'lost', (h) => h.rows.splice(6, 1)],
    ['a line in the middle is not stored', 'lost', (h) => h.rows.splice(3, 1)],
    ['nothing is stored', 'lost', (h) => h.rows.splice(0)],
    ['seq has a hole', 'lost', (h) => h.rows.splice(6, 1, { ...h.rows[6]!, seq: 9 })],
    ['a line is stored twice', 'repeated', (h) => h.rows.push({ ...h.rows[6]!, seq: 8 })],
    ['a seq is stored twice', 'repeated', (h) => h.rows.push({ ...h.rows[6]! })],
    [
      'two lines are stored in the wrong order',
      'outOfOrder',
      (h) => {
        const [a, b] = [h.rows[3]!, h.rows[4]!];
        h.rows.splice(3, 2, { ...b, seq: a.seq }, { ...a, seq: b.seq });
      },
    ],
    ['a stored text differs', 'differs', (h) => h.rows.splice(2, 1, { ...h.rows[2]!, text: 'line  1' })],
    [
      'a stored text differs in its normal form only',
      'differs',
      (h) => {
        h.sent[1] = { ...h.sent[1]!, text: 'é' };
        h.rows[2] = { ...h.rows[2]!, text: 'é' };
      },
    ],
    ['a stored author differs', 'differs', (h) => h.rows.splice(2, 1, { ...h.rows[2]!, from: 'u0' })],
    ['something is stored that nobody sent', 'differs', (h) => h.rows.push({ ...h.rows[6]!, seq: 8, mid: 'x' })],
    ['a repeated acknowledgement names another seq', 'differs', (h) => h.acks.push({ mid: 'm2', seq: 5 })],
    [
      'an acknowledgement names another seq than the stored one',
      'differs',
      (h) => h.acks.splice(0, 1, { mid: 'm0', seq: 9 }),
    ],
    ['an observer misses the last message', 'lost', (h) => h.events.pop()],
    ['an observer misses one in the middle', 'lost', (h) => h.events.splice(2, 1)],
    ['an observer misses one at the seam of a resume', 'lost', (h) => h.events.splice(5, 1)],
    ['an observer sees nothing', 'lost', (h) => h.events.splice(0)],
    ['an observer is told of a gap', 'lost', (h) => h.events.splice(5, 1, { type: 'gap', from: 4, to: 4 })],
    ['an observer sees one twice', 'repeated', (h) => h.events.push(h.events.at(-1)!)],
    ['an observer sees one again at the seam of a resume', 'repeated', (h) => h.events.splice(5, 0, h.events[3]!)],
    ['an observer sees two swapped', 'outOfOrder', (h) => swap(h.events, 2, 3)],
    ['an observer sees the last one before the seam late', 'outOfOrder', (h) => swap(h.events, 5, 6)],
    ['an observer sees another text', 'differs', (h) => h.events.splice(6, 1, cameAs(h.events[6], { text: 'x' }))],
    ['an observer sees another author', 'differs', (h) => h.events.splice(6, 1, cameAs(h.events[6], { from: 'u9' }))],
    [
      'an observer sees another message under a seq',
      'differs',
      (h) => h.events.splice(6, 1, cameAs(h.events[6], { mid: 'm0' })),
    ],
    [
      'an observer sees what is not stored',
      'differs',
      (h) => h.events.push(cameAs(h.events.at(-1), { seq: 8, mid: 'm9' })),
    ],
  ];

  test.each(cases)('%s: %s', (_what, fault, change) => {
    const verdict = checkChanged(change);
    expect(verdict.faults[fault]).toBeGreaterThan(0);
    expect(verdict.findings.some((finding) => finding.fault === fault)).toBe(true);
    expect(isClean(verdict)).toBe(false);
  });

  test('every kind of fault is covered above', () => {
    expect(new Set(cases.map(([, fault]) => fault))).toEqual(new Set(FAULTS));
  });

  test('counts all and shows the first few', () => {
    const verdict = checkChanged((h) => {
      for (let i = 0; i < 100; i += 1) h.events.push(h.events.at(-1)!);
    });
    expect(verdict.faults.repeated).toBe(100);
    expect(verdict.findings).toHaveLength(20);
  });
});
