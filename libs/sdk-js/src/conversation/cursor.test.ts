import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Cursor,
  disconnected,
  isBehind,
  joinSent,
  type Judgement,
  onGap,
  onHead,
  onJoined,
  onMessage,
  onUpdate,
  startCursor,
} from './cursor.ts';

type Frame =
  | { t: 'joined'; head: number; rev: number; epoch: number; first: number }
  | { t: 'message'; seq: number; rev: number }
  | { t: 'gap'; from: number; to: number }
  | { t: 'update'; seq: number; rev: number };

/** A server that keeps its word, and a wire in between that can be made to drop, repeat and swap. */
class Wire {
  /** `revs[seq - 1]` is the last change of that message. */
  readonly revs: number[] = [];
  rev = 0;
  first = 1;
  queue: Frame[] = [];
  joined = false;

  get head(): number {
    return this.revs.length;
  }

  append(): void {
    this.revs.push(0);
    if (this.joined) this.queue.push({ t: 'message', seq: this.head, rev: 0 });
  }

  change(pick: number): void {
    if (this.head < this.first) return;
    const seq = this.first + (pick % (this.head - this.first + 1));
    this.revs[seq - 1] = ++this.rev;
    if (this.joined) this.queue.push({ t: 'update', seq, rev: this.rev });
  }

  expire(count: number): void {
    this.first = Math.min(this.first + count, this.head + 1);
  }

  join({ since = this.head, rev = this.rev }: Cursor): void {
    this.joined = true;
    const { head, first } = this;
    this.queue.push({ t: 'joined', head, rev: this.rev, epoch: 0, first });
    if (since + 1 < first) this.queue.push({ t: 'gap', from: since + 1, to: first - 1 });
    for (let seq = Math.max(since + 1, first); seq <= head; seq += 1) {
      this.queue.push({ t: 'message', seq, rev: this.revs[seq - 1]! });
    }
    const changed = this.revs.map((last, index) => ({ t: 'update' as const, seq: index + 1, rev: last }));
    this.queue.push(
      ...changed.filter((update) => update.rev > rev && update.seq >= first).sort((a, b) => a.rev - b.rev),
    );
  }

  disconnect(): void {
    this.joined = false;
    this.queue = [];
  }
}

/** The client as `Conversation` drives the cursor, and everything that its application is given. */
class Reader {
  cursor: Cursor;
  readonly wire: Wire;
  readonly shown: number[] = [];
  readonly revs = new Map<number, number>();
  readonly updates: number[] = [];

  constructor(wire: Wire, since: number | undefined) {
    this.wire = wire;
    this.cursor = startCursor(since === undefined ? {} : { since, rev: 0 });
  }

  join(): void {
    this.cursor = joinSent(this.cursor);
    this.wire.join(this.cursor);
  }

  take(frame: Frame): void {
    const known = this.cursor.since ?? 0;
    const { cursor, verdict } = this.judge(frame);
    this.cursor = cursor;
    if (verdict === 'rejoin') this.join();
    if (verdict !== 'deliver') return;
    if (frame.t === 'message') {
      this.shown.push(frame.seq);
      this.revs.set(frame.seq, frame.rev);
    }
    if (frame.t === 'gap')
      for (let seq = Math.max(frame.from, known + 1); seq <= frame.to; seq += 1) this.shown.push(-seq);
    if (frame.t === 'update') {
      this.updates.push(frame.rev);
      this.revs.set(frame.seq, Math.max(frame.rev, this.revs.get(frame.seq) ?? 0));
    }
  }

  judge(frame: Frame): Judgement {
    if (frame.t === 'joined') return onJoined(this.cursor, frame);
    if (frame.t === 'message') return onMessage(this.cursor, frame.seq);
    if (frame.t === 'gap') return onGap(this.cursor, frame.from, frame.to);
    return onUpdate(this.cursor, frame.seq, frame.rev);
  }

  drain(): void {
    for (let frame = this.wire.queue.shift(); frame !== undefined; frame = this.wire.queue.shift()) this.take(frame);
  }
}

const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), n: fc.nat(100) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), n: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('drop', 'repeat', 'swap'), n: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reconnect', 'expire', 'heads'), n: fc.nat(3) }) },
);

/** What the wire may do to a frame: a `joined` and a replayed change, which nothing later would show missing, it may not. */
const isMortal = (frame: Frame | undefined, covered: number) =>
  frame !== undefined && frame.t !== 'joined' && (frame.t !== 'update' || frame.rev > covered);

function act(wire: Wire, reader: Reader, step: { do: string; n: number }): void {
  const { queue } = wire;
  const at = queue.length === 0 ? 0 : step.n % queue.length;
  const covered = Math.max(reader.cursor.coveredRev, ...queue.map((frame) => (frame.t === 'joined' ? frame.rev : 0)));
  const mortal = isMortal(queue[at], covered);
  if (step.do === 'append') for (let i = 0; i < step.n; i += 1) wire.append();
  if (step.do === 'change') wire.change(step.n);
  if (step.do === 'deliver') queue.splice(0, step.n).forEach((frame) => reader.take(frame));
  if (step.do === 'drop' && mortal) queue.splice(at, 1);
  if (step.do === 'repeat' && mortal) queue.splice(at + 1, 0, queue[at]!);
  if (step.do === 'swap' && mortal && isMortal(queue[at + 1], covered)) queue.splice(at, 2, queue[at + 1]!, queue[at]!);
  if (step.do === 'expire') wire.expire(step.n);
  if (step.do === 'heads') reader.cursor = onHead(reader.cursor, wire.head, wire.rev);
  if (step.do === 'reconnect') {
    wire.disconnect();
    reader.cursor = disconnected(reader.cursor);
    reader.join();
  }
}

/** The last word of a healthy connection: what is on its way arrives, and heads show what is not. */
function settle(wire: Wire, reader: Reader): void {
  for (let round = 0; round < 5; round += 1) {
    reader.drain();
    reader.cursor = onHead(reader.cursor, wire.head, wire.rev);
    if (!isBehind(reader.cursor)) return;
    reader.join();
  }
}

test('[SEQ-2] [RES-2] [GAP-3] [REV-2] each message and change once and in order, whatever the wire does', () => {
  fc.assert(
    fc.property(
      fc.nat(8),
      fc.option(fc.nat(8), { nil: undefined }),
      fc.array(action, { maxLength: 80 }),
      (stored, offset, steps) => {
        const wire = new Wire();
        for (let i = 0; i < stored; i += 1) wire.append();
        const since = offset === undefined ? undefined : Math.min(offset, stored);
        const reader = new Reader(wire, since);
        reader.join();
        for (const step of steps) act(wire, reader, step);
        settle(wire, reader);

        expect(isBehind(reader.cursor)).toBe(false);
        const from = (since ?? stored) + 1;
        // A live-only join begins where the join that was answered first stood.
        const begin = since === undefined ? Math.abs(reader.shown[0] ?? wire.head + 1) : from;
        expect(begin).toBeGreaterThanOrEqual(from);
        expect(reader.shown.map(Math.abs)).toEqual(Array.from({ length: wire.head + 1 - begin }, (_, i) => begin + i));
        expect(reader.updates).toEqual([...new Set(reader.updates)].sort((a, b) => a - b));
        const kept = [...reader.revs].filter(([seq]) => seq >= wire.first);
        expect(kept).toEqual(kept.map(([seq]) => [seq, wire.revs[seq - 1]]));
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('verdicts', () => {
  const joinedAt = (since: number) =>
    onJoined(joinSent(startCursor({ since, rev: 3, epoch: 1 })), { head: 10, rev: 3, epoch: 1, first: 1 }).cursor;

  test('[JOIN-1] a live-only join begins at the head', () => {
    const { cursor, verdict } = onJoined(joinSent(startCursor()), { head: 10, rev: 3, epoch: 1, first: 1 });
    expect(verdict).toBe('deliver');
    expect(cursor).toMatchObject({ since: 10, rev: 3, epoch: 1, joins: 0 });
  });

  test('[JOIN-5] another epoch, or a head behind the cursor, is another history', () => {
    const cursor = joinSent(startCursor({ since: 5, rev: 0, epoch: 1 }));
    expect(onJoined(cursor, { head: 10, rev: 0, epoch: 2, first: 1 }).verdict).toBe('reset');
    expect(onJoined(cursor, { head: 4, rev: 0, epoch: 1, first: 1 }).verdict).toBe('reset');
  });

  test('a hole is reported once: what comes until the join is answered will come again', () => {
    const holed = onMessage(joinedAt(5), 7);
    expect(holed.verdict).toBe('rejoin');
    expect(onMessage(joinSent(holed.cursor), 8).verdict).toBe('drop');
  });

  test('[GAP-3] a gap that overlaps what is known counts from there; one that does not touch it is a hole', () => {
    expect(onGap(joinedAt(5), 4, 8)).toMatchObject({ verdict: 'deliver', cursor: { since: 8 } });
    expect(onGap(joinedAt(5), 2, 5).verdict).toBe('drop');
    expect(onGap(joinedAt(5), 7, 8).verdict).toBe('rejoin');
  });

  test('[REV-3] a change to a message that did not come, or one change too far, shows a loss', () => {
    expect(onUpdate(joinedAt(5), 6, 4).verdict).toBe('rejoin');
    expect(onUpdate(joinedAt(5), 5, 5).verdict).toBe('rejoin');
    expect(onUpdate(joinedAt(5), 5, 4).verdict).toBe('deliver');
  });

  test('heads beyond the cursor put it behind', () => {
    const current = onMessage(joinedAt(9), 10).cursor;
    expect(isBehind(current)).toBe(false);
    expect(isBehind(onHead(current, 11, 3))).toBe(true);
    expect(isBehind(onHead(current, 10, 4))).toBe(true);
  });
});
