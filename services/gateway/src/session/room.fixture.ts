/** A room whose record, window and bus are the test's, and a session's sink that notes what it gets. */
import { type CloseCode, type DownFrame, LIMITS } from '@messagecore/protocol';
import { Block, type Frames, Signal } from '../egress/block.ts';
import type { Sink } from '../egress/sink.ts';
import { CID, messageFrame, type SeenFrame, TID, update } from '../egress/frames.fixture.ts';
import type { HistoryPage, Member, Room } from './ports.ts';

/**
 * The record has `head` messages and changes `1 … n`; what was sent to the room is a prefix of both. `seq` and `rev` are
 * that prefix, the window reaches back to `windowFrom` and `windowRev`.
 */
export class FakeRoom implements Room {
  readonly tid = TID;
  readonly cid = CID;
  readonly ready = Promise.resolve();
  access = { version: 1 };
  seq = 0;
  rev = 0;
  windowFrom = 1;
  windowRev = 0;
  pageSize = 5;
  /** Erased messages. */
  readonly erased = new Set<number>();
  /** Target of each change, by `rev - 1`; the record's, also those that were not sent yet. */
  readonly changes: number[] = [];
  head = 0;
  /** Where one other user has read to, one entry a report. */
  readonly reports: number[] = [];
  readonly members = new Set<Member>();
  readonly fetches: string[] = [];
  /** Held back until the test lets them go. */
  pending: (() => void)[] = [];
  delayFetches = false;
  #reached: (() => void)[] = [];

  observe(): void {}

  async reached(seq: number, rev: number): Promise<void> {
    while (this.seq < seq || this.rev < rev) await new Promise<void>((resolve) => this.#reached.push(resolve));
  }

  enter(member: Member): void {
    this.members.add(member);
  }

  leave(member: Member): void {
    this.members.delete(member);
  }

  /** Stores a message, sent to nobody yet. */
  store(): void {
    this.head += 1;
  }

  /** Stores a change of a message, sent to nobody yet. */
  change(seq: number): void {
    this.changes.push(seq);
  }

  get reads(): number {
    return this.reports.length;
  }

  /** Another user has read up to here; those who are live are told at once. */
  read(pos: number): void {
    this.reports.push(pos);
    for (const member of this.members) {
      if (!member.live) continue;
      if (member.sink.deliver(readOf(pos))) member.reads = this.reads;
      else {
        member.live = false;
        member.fellBehind();
      }
    }
  }

  /** The room sends what it can up to here: messages first, as a change may need them. */
  send(messages: number, changes: number): void {
    const from = { seq: this.seq, rev: this.rev };
    this.seq = Math.min(this.head, this.seq + messages);
    while (changes > 0 && this.rev < this.changes.length && this.#targetOf(this.rev + 1) <= this.seq) {
      this.rev += 1;
      changes -= 1;
    }
    const blocks = [...this.#messages(from.seq, this.seq, this.rev), ...this.#updates(from.rev, this.rev)];
    for (const member of this.members) {
      if (!member.live) continue;
      if (blocks.length > 0 && !member.sink.deliver(framesOf(blocks))) {
        member.live = false;
        member.fellBehind();
        continue;
      }
      member.seq = this.seq;
      member.rev = this.rev;
    }
    for (const resolve of this.#reached.splice(0)) resolve();
  }

  messagesAfter(seq: number): readonly Block[] | undefined {
    if (seq + 1 < this.windowFrom) return undefined;
    return this.#messages(seq, Math.min(this.seq, seq + this.pageSize), this.rev);
  }

  async fetchMessages(seq: number): Promise<HistoryPage> {
    this.fetches.push(`messages ${seq}`);
    const asOf = this.rev;
    // Pages may start before what was asked for, and show the record's own state.
    const from = Math.max(0, seq - (seq % 3));
    await this.#answer();
    const to = Math.min(this.seq, from + 3 + this.pageSize);
    return { blocks: this.#messages(from, to, this.changes.length), asOf, to };
  }

  updatesAfter(rev: number): readonly Block[] | undefined {
    if (rev < this.windowRev) return undefined;
    return this.#updates(rev, Math.min(this.rev, rev + this.pageSize));
  }

  async fetchUpdates(rev: number): Promise<HistoryPage> {
    this.fetches.push(`updates ${rev}`);
    const asOf = this.rev;
    await this.#answer();
    const last = new Map(this.changes.map((seq, index) => [seq, index + 1]));
    const final = [...last].map(([seq, r]) => ({ seq, rev: r })).filter((mark) => mark.rev > rev);
    const page = final.sort((a, b) => a.rev - b.rev).slice(0, this.pageSize);
    if (page.length === 0) return { blocks: [], asOf, to: asOf };
    const blocks = [
      Block.updates(
        CID,
        page.map((mark) => update(mark.rev, mark.seq).frame),
        page,
      ),
    ];
    return { blocks, asOf, to: page.at(-1)?.rev ?? asOf };
  }

  readsAfter(number: number): readonly Frames[] {
    return this.reports.slice(number).slice(-1).map(readOf);
  }

  /** State of a message after the first `rev` changes. */
  stateOf(seq: number, rev = this.changes.length): number {
    return this.changes.slice(0, rev).lastIndexOf(seq) + 1;
  }

  #targetOf(rev: number): number {
    return this.changes[rev - 1] ?? 0;
  }

  async #answer(): Promise<void> {
    if (this.delayFetches) await new Promise<void>((resolve) => this.pending.push(resolve));
    else await Promise.resolve();
  }

  #messages(after: number, to: number, rev: number): Block[] {
    const blocks: Block[] = [];
    for (let seq = after + 1; seq <= to; seq += 1) {
      if (this.erased.has(seq)) blocks.push(Block.gap(CID, seq, seq, 'erased'));
      else blocks.push(Block.messages(CID, seq, [messageFrame(seq, this.stateOf(seq, rev))]));
    }
    return blocks;
  }

  #updates(after: number, to: number): Block[] {
    const blocks: Block[] = [];
    for (let rev = after + 1; rev <= to; rev += 1) {
      const mark = { rev, seq: this.#targetOf(rev) };
      blocks.push(Block.updates(CID, [update(rev, mark.seq).frame], [mark]));
    }
    return blocks;
  }
}

function readOf(pos: number): Signal {
  return new Signal(CID, { t: 'read', cid: CID, pos, from: 'reader' });
}

function framesOf(blocks: readonly Block[]): Frames {
  return {
    cid: CID,
    text: Buffer.alloc(0),
    binary: Buffer.alloc(0),
    count: blocks.length,
    each: (visit) => {
      for (const block of blocks) block.each(visit);
    },
  };
}

/** Takes everything, unless it is full. */
export class FakeSink implements Sink {
  readonly got: SeenFrame[] = [];
  readonly sent: DownFrame[] = [];
  received: number | undefined;
  closed: CloseCode | undefined;
  buffered = 0;
  /** Whether what it is given stays in it. */
  swells = false;
  #drained: (() => void) | undefined;

  /** The positions of reading that it was told. */
  get positions(): number[] {
    return this.sent.flatMap((frame) => (frame.t === 'read' ? [frame.pos] : []));
  }

  /** As if the peer had stopped reading. */
  fill(bytes = LIMITS.lagBytes + 1): void {
    this.buffered = bytes;
  }

  drain(): void {
    this.buffered = 0;
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  deliver(frames: Frames): boolean {
    if (this.buffered > LIMITS.lagBytes) return false;
    this.mustDeliver(frames);
    return true;
  }

  mustDeliver(frames: Frames): void {
    frames.each((json) => {
      if (this.swells) this.buffered += json.length;
      const frame = JSON.parse(Buffer.from(json).toString()) as SeenFrame & DownFrame;
      this.got.push(frame);
      this.sent.push(frame);
    });
  }

  send(frame: DownFrame): void {
    this.sent.push(frame);
  }

  sendPatiently(frame: DownFrame): void {
    this.send(frame);
  }

  onDrained(callback: () => void): void {
    this.#drained = callback;
    if (this.buffered === 0) setImmediate(() => this.drain());
  }

  ping(): void {}

  close(code: CloseCode): void {
    this.closed ??= code;
  }

  get waitsForDrain(): boolean {
    return this.#drained !== undefined;
  }
}
