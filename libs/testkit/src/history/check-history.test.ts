import { describe, expect, it } from 'vitest';
import { checkHistory } from './check-history.ts';
import type { FinalConversation, History, Operation, SendOperation } from './operations.ts';

const cid = 'room';

function send(mid: string, seq: number, more: Partial<SendOperation> = {}): SendOperation {
  const invokedAt = more.invokedAt ?? seq * 10;
  return {
    type: 'send',
    session: 'alice-1',
    cid,
    mid,
    from: 'alice',
    body: `text ${mid}`,
    outcome: 'acknowledged',
    seq,
    firstTry: true,
    endedAt: invokedAt + 5,
    ...more,
    invokedAt,
  };
}

function message(session: string, seq: number, more: object = {}): Operation {
  const mid = `m${seq}`;
  return {
    type: 'message',
    session,
    cid,
    seq,
    mid,
    from: 'alice',
    body: `text ${mid}`,
    rev: 0,
    at: seq * 10 + 6,
    ...more,
  };
}

function joined(session: string, more: object = {}): Operation {
  return { type: 'joined', session, cid, since: 0, rev: 0, head: 0, headRev: 0, epoch: 0, at: 0, ...more };
}

function update(session: string, seq: number, rev: number): Operation {
  return { type: 'update', session, cid, seq, rev, body: 'edited', at: 99 };
}

function log(count: number, more: Partial<FinalConversation> = {}): FinalConversation {
  const messages = Array.from({ length: count }, (_, index) => {
    const mid = `m${index + 1}`;
    return { seq: index + 1, mid, from: 'alice', body: `text ${mid}`, rev: 0 };
  });
  return { cid, head: count, rev: 0, epoch: 0, first: 1, messages, ...more };
}

const changedFirst = (more: object) => log(3).messages.map((each) => (each.seq === 1 ? { ...each, ...more } : each));

const sends = [send('m1', 1), send('m2', 2), send('m3', 3)];
const seen = [joined('bob-1'), message('bob-1', 1), message('bob-1', 2), message('bob-1', 3)];

function rules(operations: readonly Operation[], final = log(3), more: Partial<History> = {}): string[] {
  return checkHistory({ operations, final: [final], ...more }).map((violation) => violation.rule);
}

describe('acquits', () => {
  it('a session that saw everything once and in order', () => {
    expect(rules([...sends, ...seen])).toEqual([]);
  });

  it('an unknown send, stored or not', () => {
    const unknown = send('m3', 3, { outcome: 'unknown' });
    expect(rules([send('m1', 1), send('m2', 2), unknown, ...seen])).toEqual([]);
    expect(rules([send('m1', 1), send('m2', 2), unknown], log(2))).toEqual([]);
  });

  it('a resume from a cursor, and a session that ended early', () => {
    const ended: Operation = { type: 'ended', session: 'bob-1', at: 0 };
    const view = [
      joined('bob-1'),
      message('bob-1', 1),
      ended,
      joined('bob-1', { since: 1, head: 3 }),
      message('bob-1', 2),
      ended,
    ];
    expect(rules([...sends, ...view])).toEqual([]);
  });

  it('a told gap over expired history', () => {
    const gap: Operation = { type: 'gap', session: 'bob-1', cid, from: 1, to: 2, at: 0 };
    const final = log(3, { first: 3, messages: log(3).messages.slice(2) });
    expect(rules([...sends, joined('bob-1', { head: 3 }), gap, message('bob-1', 3)], final)).toEqual([]);
  });

  it('a message of the service itself', () => {
    expect(rules([send('m1', 1), send('m2', 2)], log(3), { isSystem: ({ mid }) => mid === 'm3' })).toEqual([]);
  });

  it('changes seen live and by replay', () => {
    const final = log(3, { rev: 2 });
    const changed = final.messages.map((stored) => (stored.seq === 1 ? { ...stored, rev: 2, body: 'edited' } : stored));
    const view = [...seen, update('bob-1', 1, 1), update('bob-1', 1, 2)];
    expect(rules([...sends, ...view], { ...final, messages: changed })).toEqual([]);
  });
});

describe('convicts', () => {
  it('a hole in the log', () => {
    const messages = log(3).messages.filter(({ seq }) => seq !== 2);
    expect(rules([send('m1', 1), send('m3', 3)], log(3, { messages }))).toContain('hole');
  });

  it('a head that is not the last message', () => {
    expect(rules(sends, log(3, { head: 4 }))).toContain('head');
  });

  it('an acknowledged send that is missing, moved or altered', () => {
    expect(rules(sends, log(2))).toContain('lost');
    expect(rules([send('m1', 2, { invokedAt: 1 }), send('m2', 1, { invokedAt: 0 }), send('m3', 3)])).toContain('lost');
    expect(rules([send('m1', 1, { body: 'another text' }), send('m2', 2), send('m3', 3)])).toContain('lost');
  });

  it('a refused or unsent message in the log', () => {
    expect(rules([send('m1', 1), send('m2', 2), send('m3', 3, { outcome: 'refused' })])).toEqual(['ghost']);
    expect(rules([send('m1', 1), send('m2', 2)])).toEqual(['ghost']);
  });

  it('one mid stored twice', () => {
    const messages = log(3).messages.map((stored) => (stored.seq === 3 ? { ...stored, mid: 'm2' } : stored));
    expect(rules([send('m1', 1), send('m2', 2)], log(3, { messages }))).toContain('twice');
  });

  it('a pipeline out of order', () => {
    const swapped = [
      send('m2', 2, { invokedAt: 1, endedAt: 50 }),
      send('m1', 1, { invokedAt: 2, endedAt: 50 }),
      send('m3', 3),
    ];
    expect(rules(swapped)).toEqual(['pipeline']);
  });

  it('a send that overtook one acknowledged before it began', () => {
    const late = send('m1', 1, { session: 'carol-1', invokedAt: 90 });
    expect(rules([late, send('m2', 2), send('m3', 3)])).toEqual(['real-time']);
  });

  it('a hole, a repeat, a swap in a view', () => {
    expect(rules([...sends, joined('b'), message('b', 1), message('b', 3)])).toContain('order');
    expect(rules([...sends, joined('b'), message('b', 1), message('b', 1), message('b', 2), message('b', 3)])).toEqual([
      'repeat',
    ]);
    expect(rules([...sends, joined('b'), message('b', 2), message('b', 1), message('b', 3)])).toEqual(
      expect.arrayContaining(['order', 'repeat']),
    );
  });

  it('a repeat at the seam of a resume', () => {
    expect(
      rules([...sends, joined('b', { since: 1, head: 3 }), message('b', 1), message('b', 2), message('b', 3)]),
    ).toContain('repeat');
  });

  it('a frame after the view ended', () => {
    const ended: Operation = { type: 'ended', session: 'b', cid, at: 0 };
    expect(rules([...sends, joined('b'), message('b', 1), ended, message('b', 2)])).toEqual(['order']);
  });

  it('a view that shows what the log does not hold', () => {
    expect(rules([...sends, joined('b'), message('b', 1, { mid: 'mX' }), message('b', 2), message('b', 3)])).toEqual([
      'forged',
    ]);
    expect(rules([...sends, ...seen, message('bob-1', 4)])).toContain('forged');
  });

  it('a view that stopped short of the head', () => {
    expect(rules([...sends, joined('b'), message('b', 1), message('b', 2)])).toEqual(['short']);
  });

  it('changes out of order, before their message, or never shown', () => {
    const final = log(3, { rev: 2, messages: changedFirst({ rev: 2, body: 'edited' }) });
    expect(rules([...sends, ...seen, update('bob-1', 1, 2), update('bob-1', 1, 1)], final)).toEqual(['update-order']);
    expect(rules([...sends, joined('b'), update('b', 1, 2), ...seen], final)).toContain('update-early');
    expect(rules([...sends, ...seen, update('bob-1', 1, 1)], final)).toEqual(['stale']);
  });

  it('a change that is shown otherwise than it is stored', () => {
    const history = [...sends, ...seen, { ...update('bob-1', 1, 1), state: 'pinned' }];
    const stored = (more: object) => log(3, { rev: 1, messages: changedFirst({ rev: 1, body: 'edited', ...more }) });
    expect(rules(history, stored({ state: 'pinned' }))).toEqual([]);
    expect(rules(history, stored({ state: 'not pinned' }))).toEqual(['forged']);
    expect(rules(history, stored({ state: 'pinned', body: 'another' }))).toEqual(['forged']);
  });

  it('a reply that is stored in another thread, or in none', () => {
    const reply = [send('m1', 1), send('m2', 2, { threadRoot: 1 }), send('m3', 3)];
    const stored = (threadRoot?: number) => {
      const more = threadRoot === undefined ? {} : { threadRoot };
      return log(3, { messages: log(3).messages.map((each) => (each.seq === 2 ? { ...each, ...more } : each)) });
    };
    expect(rules([...reply, ...seen], stored(1))).toEqual([]);
    expect(rules([...reply, ...seen], stored(3))).toEqual(['lost']);
    expect(rules([...reply, ...seen], stored())).toEqual(['lost']);
  });
});
