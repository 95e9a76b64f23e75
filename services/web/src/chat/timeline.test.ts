import type { Message } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import {
  addPending,
  applyUpdate,
  EMPTY,
  forwardedFrom,
  isEditable,
  lastTextOf,
  merge,
  type Row,
  rowsOf,
  type Timeline,
  type View,
} from './timeline.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function message(seq: number, more: Partial<Message> = {}): Message {
  const cid = '10000000-0000-4000-8000-000000000001';
  return {
    cid,
    seq,
    mid: `m${seq}`,
    from: 'bob',
    at: seq * 1_000,
    kind: 'text',
    body: { text: `${seq}` },
    rev: 0,
    ...more,
  };
}

const HI = { kind: 'text', body: { text: 'hi' } };

const view: View = {
  me: 'me',
  reads: new Map(),
  deliveredUpTo: 0,
  newAfter: Infinity,
  dayOf: (at) => Math.floor(at / DAY),
};
const loaded = (...messages: Message[]): Timeline => ({ ...merge(EMPTY, messages), loaded: true });

function short(row: Row): string {
  if (row.type === 'message') return `${row.message.seq}${row.starts ? '<' : ''}${row.ends ? '>' : ''}`;
  return row.type;
}
const rows = (timeline: Timeline, more: Partial<View> = {}) => rowsOf(timeline, { ...view, ...more }).map(short);

describe('what a timeline holds', () => {
  test('messages stand by number, however they come, and the newest state of each', () => {
    const timeline = merge(merge(loaded(message(5), message(6)), [message(3), message(4)]), [
      message(5, { rev: 2, body: { text: 'new' } }),
      message(6, { rev: 0, body: { text: 'stale' } }),
    ]);
    expect(timeline.messages.map(({ seq, body }) => `${seq} ${String(body['text'])}`)).toEqual([
      '3 3',
      '4 4',
      '5 new',
      '6 6',
    ]);
  });

  test('a change to a message that is not held waits until it is loaded', () => {
    expect(applyUpdate(loaded(message(5)), message(2, { rev: 1 })).messages.map(({ seq }) => seq)).toEqual([5]);
  });

  test('the echo goes when the message itself arrives, and keeps its key', () => {
    const echoed = addPending(loaded(message(1)), { ...HI, mid: 'm2', at: 2_000 });
    const key = rowsOf(echoed, view).at(-1)?.key;
    const arrived = merge(echoed, [message(2, { from: 'me' })]);
    expect(arrived.pending).toEqual([]);
    expect(rowsOf(arrived, view).at(-1)?.key).toBe(key);
  });

  test('a refused message that is sent again stands once', () => {
    const refused = addPending(EMPTY, { ...HI, mid: 'a', at: 0, error: 'muted' });
    expect(addPending(refused, { ...HI, mid: 'a', at: 1 }).pending).toEqual([{ ...HI, mid: 'a', at: 1 }]);
  });
});

describe('how it is shown', () => {
  test('messages of one person close together form a block', () => {
    const later = { at: 10 * MINUTE };
    const timeline = loaded(message(1), message(2), message(3, { from: 'me' }), message(4), message(5, later));
    expect(rows(timeline)).toEqual(['beginning', 'day', '1<', '2>', '3<>', '4<>', '5<>']);
  });

  test('days are told apart, and so are system messages', () => {
    const timeline = loaded(message(1), message(2, { kind: 'sys' }), message(3, { at: DAY }));
    expect(rows(timeline)).toEqual(['beginning', 'day', '1<>', 'system', 'day', '3<>']);
  });

  test('a hole is shown, and the beginning only when it is there', () => {
    const timeline = { ...loaded(message(4), message(7)), first: 2 };
    expect(rows(timeline)).toEqual(['day', '4<>', 'missing', '7<>']);
  });

  test('replies in threads are left out and are no holes, while what is missing between and behind them is', () => {
    const reply = { threadRoot: 1 };
    expect(rows(loaded(message(1), message(2, reply), message(3)))).toEqual(['beginning', 'day', '1<', '3>']);
    const holed = loaded(message(1), message(3, reply), message(5), message(8, reply));
    const shown = rowsOf(holed, view);
    expect(shown.map(short)).toEqual(['beginning', 'day', '1<>', 'missing', '5<>', 'missing']);
    expect(shown.flatMap((row) => (row.type === 'missing' ? [row.count] : []))).toEqual([2, 2]);
  });

  test('a thread shows its replies without holes, with what is on its way into it', () => {
    const reply = { threadRoot: 1 };
    const replies = loaded(message(4, reply), message(9, reply));
    const sent = { ...HI, at: 10_000 };
    const echoed = addPending(addPending(replies, { ...sent, mid: 'a' }), { ...sent, mid: 'b', threadRoot: 1 });
    expect(rows(echoed, { threadRoot: 1 })).toEqual(['day', '4<', '9>', 'pending']);
    expect(rowsOf(echoed, { ...view, threadRoot: 1 }).at(-1)?.key).toBe('b');
    expect(rowsOf(echoed, view).at(-1)?.key).toBe('a');
    expect(rows(replies, { threadRoot: 1, newAfter: 1 })).toEqual(['day', 'newMessages', '4<', '9>']);
  });

  test('what is new is marked behind replies too', () => {
    const timeline = loaded(message(1), message(2, { threadRoot: 1 }), message(3, { threadRoot: 1 }), message(4));
    expect(rows(timeline, { newAfter: 2 })).toEqual(['beginning', 'day', '1<>', 'newMessages', '4<>']);
  });

  test('what was new on opening is marked once, unless it is one’s own', () => {
    const timeline = loaded(message(1), message(2), message(3));
    expect(rows(timeline, { newAfter: 1 })).toEqual(['beginning', 'day', '1<>', 'newMessages', '2<', '3>']);
    expect(rows(timeline, { newAfter: 0 })).toEqual(['beginning', 'day', 'newMessages', '1<', '2', '3>']);
    const own = loaded(message(1), message(2, { from: 'me' }), message(3));
    expect(rows(own, { newAfter: 1 })).toEqual(['beginning', 'day', '1<>', '2<>', 'newMessages', '3<>']);
    expect(rows(loaded(message(5), message(6)), { newAfter: 2 })).toEqual(['day', '5<', '6>']);
    expect(rows(loaded(message(1), message(2, { from: 'me' })), { newAfter: 1 })).not.toContain('newMessages');
  });

  test('one’s own message is read by those whose position is at or after it, has come to everybody, or is sent', () => {
    const timeline = loaded(...[1, 2, 3].map((seq) => message(seq, { from: 'me' })));
    const reads = new Map([
      ['me', 3],
      ['bob', 1],
    ]);
    const marks = rowsOf(timeline, { ...view, reads, deliveredUpTo: 2 }).flatMap((row) =>
      row.type === 'message' ? [row.mark] : [],
    );
    expect(marks).toEqual([{ type: 'read', by: ['bob'] }, { type: 'delivered' }, { type: 'sent' }]);
  });
});

test('[FWD-4] a message that was sent on names who wrote it, and is nothing that one changes', () => {
  const forwarded = message(2, { body: { text: 'on', forwarded: { cid: 'c', seq: 1, from: 'ann', at: 1 } } });
  expect([forwardedFrom(forwarded), forwardedFrom(message(1))]).toEqual(['ann', undefined]);
  expect(forwardedFrom({ ...forwarded, recalled: true })).toBeUndefined();
  expect([isEditable(forwarded), isEditable(message(1))]).toEqual([false, true]);
  expect(lastTextOf([message(1), forwarded], 'bob')?.seq).toBe(1);
});
