import { Block, type Mark } from '../egress/block.ts';
import type { GapReason } from '../egress/gap.ts';
import { Reorder } from './reorder.ts';
import { Window } from './window.ts';

/** Bytes that wait to be taken at which no more are put in order; frames then wait as if for an earlier one. */
const RUNS_BYTES = 4 * 1024 * 1024;
/** Frames that wait for an earlier one, each for messages and for updates. */
const WAITING = { maxItems: 4_096, maxBytes: 4 * 1024 * 1024 };
/** Bytes that leave in one batch, about; more goes into the next. */
const BATCH_BYTES = 256 * 1024;
const RUN_BYTES = BATCH_BYTES / 2;
/** What a gap frame takes, about. */
const GAP_BYTES = 128;
/** What a frame takes beside its bytes while it waits, about. */
const WAITING_FRAME_BYTES = 128;

/** A change as it came from the bus or the history. */
export interface Update extends Mark {
  readonly frame: Uint8Array;
}

/** Messages `first …`, dense, as they came from the bus or the history. */
export interface Stretch {
  readonly first: number;
  readonly frames: readonly Uint8Array[];
}

/** Frames of one kind in a row that wait to be sent. */
type Run = (
  | { readonly kind: 'message'; readonly first: number }
  | { readonly kind: 'update'; readonly marks: Mark[] }
  | { readonly kind: 'gap'; readonly first: number; readonly last: number; readonly reason: GapReason }
) & { readonly frames: Uint8Array[]; bytes: number };

/** What was taken of the log to be sent, and the position after it. */
export interface Taken {
  readonly blocks: readonly Block[];
  readonly seq: number;
  readonly rev: number;
}

/**
 * One room's log: messages in `seq` order and changes in `rev` order, merged.
 *
 * Whatever the bus does (repeat, reorder, lose), what leaves through `take` is dense in both numbers, each once, and no
 * change precedes its message. What is missing shows in `missingMessages` and `missingUpdates`, and somebody fills it in.
 * Nothing leaves before `start` has said where the log stands; what arrives earlier waits.
 *
 * `seq` and `rev` are the position of what was taken: the window reaches exactly there.
 */
export class RoomLog {
  readonly cid: string;
  readonly window: Window;
  readonly #messages = new Reorder<Uint8Array>({
    ...WAITING,
    sizeOf: (frame) => frame.length + WAITING_FRAME_BYTES,
    keep: copyOf,
  });
  readonly #updates = new Reorder<Update>({
    ...WAITING,
    sizeOf: ({ frame }) => frame.length + WAITING_FRAME_BYTES,
    keep: (update) => ({ ...update, frame: copyOf(update.frame) }),
  });
  #runs: Run[] = [];
  #runsBytes = 0;
  #started = false;
  #seq = 0;
  #rev = 0;

  /** `onWindowGrowth`: blocks of the window have grown. */
  constructor(cid: string, onWindowGrowth: () => void = () => {}) {
    this.cid = cid;
    this.window = new Window(onWindowGrowth);
  }

  get started(): boolean {
    return this.#started;
  }

  get seq(): number {
    return this.#seq;
  }

  get rev(): number {
    return this.#rev;
  }

  /** Bytes that wait to be taken. */
  get waitingBytes(): number {
    return this.#runsBytes;
  }

  /** Memory that all of it takes, about: the window, what waits to be taken, and what waits for an earlier one. */
  get bytes(): number {
    return this.window.bytes + this.#runsBytes + this.#messages.bytes + this.#updates.bytes;
  }

  /**
   * Forgets what waits for an earlier one. It counts as missing from then on, and is filled in like what the bus has lost.
   * What is in order already stays: it leaves soon, and without it nothing would ever leave where memory is short.
   */
  forgetWaiting(): void {
    if (!this.#started) return;
    rewind(this.#messages);
    rewind(this.#updates);
  }

  /** The numbers right after what has arrived that are known to exist. */
  get missingMessages(): { from: number; to: number } | undefined {
    return this.#started ? this.#messages.missing : undefined;
  }

  /** The revision after which changes are known to exist that are not here, and the last one known of. */
  get missingUpdates(): { after: number; to: number } | undefined {
    if (!this.#started || this.#updates.missing === undefined) return undefined;
    return { after: this.#updates.position, to: this.#updates.highest };
  }

  /** Says where the log stands, at first or after the history was replaced. */
  start(head: number, rev: number): void {
    if (this.#started) {
      this.#messages.reset(head);
      this.#updates.reset(rev);
    }
    this.#started = true;
    this.#runs = [];
    this.#runsBytes = 0;
    this.#messages.skipTo(head);
    this.#updates.skipTo(rev);
    this.#seq = head;
    this.#rev = rev;
    this.window.reset(head, rev);
    this.#merge();
  }

  /** Notes that the conversation has come this far. */
  expect(head: number, rev: number): void {
    this.#messages.expect(head);
    this.#updates.expect(rev);
  }

  addMessages({ first, frames }: Stretch): void {
    for (const [index, frame] of frames.entries()) this.#messages.offer(first + index, frame);
    this.#merge();
  }

  /** Live changes: dense in `rev`. */
  addUpdates(updates: readonly Update[]): void {
    for (const update of updates) {
      this.#messages.expect(update.seq);
      this.#updates.offer(update.rev, update);
    }
    this.#merge();
  }

  /**
   * The history's answer for missing messages `from … to`: what there is of them. Holes in it can never be filled; after
   * its end, what was not asked for or did not fit is asked for again.
   */
  fillMessages({ from, to }: { from: number; to: number }, page: readonly Stretch[], reason: GapReason): void {
    for (const stretch of page) {
      this.#closeGap(from, stretch.first - 1, reason);
      this.addMessages(stretch);
    }
    if (page.length === 0) this.#closeGap(from, to, reason);
    this.#merge();
  }

  /**
   * The history's answer for changes after a revision: final states in ascending `rev`, so that numbers which a later
   * change replaced are left out. Empty when nothing bears those up to `to` any more, the last one known of when it was
   * asked: what has come since is not meant.
   */
  fillUpdates({ to }: { to: number }, updates: readonly Update[]): void {
    if (updates.length === 0) this.#updates.skipTo(to);
    for (const update of updates) {
      this.#messages.expect(update.seq);
      // Its message comes first, and then this page is asked for again.
      if (update.seq > this.#messages.position) break;
      // One that cannot be put in order now would be passed over by the next one's number.
      if (this.#runsBytes >= RUNS_BYTES) break;
      this.#updates.skipTo(update.rev - 1);
      this.#updates.offer(update.rev, update);
      this.#merge();
    }
    this.#merge();
  }

  /** The next stretch, now part of the window. Undefined when there is nothing new. */
  take(): Taken | undefined {
    const blocks: Block[] = [];
    let bytes = 0;
    let taken = 0;
    for (const run of this.#runs) {
      if (bytes >= BATCH_BYTES) break;
      bytes += run.bytes;
      this.#runsBytes -= run.bytes + run.frames.length * WAITING_FRAME_BYTES;
      taken += 1;
      blocks.push(this.#seal(run));
    }
    this.#runs = this.#runs.slice(taken);
    this.#merge();
    if (this.#runs.length === 0) this.#rev = Math.max(this.#rev, this.#started ? this.#updates.position : 0);
    return blocks.length === 0 ? undefined : { blocks, seq: this.#seq, rev: this.#rev };
  }

  #seal(run: Run): Block {
    const block = this.#blockOf(run);
    this.window.append(block);
    if (block.kind === 'update') this.#rev = block.last;
    else this.#seq = block.last;
    return block;
  }

  #blockOf(run: Run): Block {
    if (run.kind === 'message') return Block.messages(this.cid, run.first, run.frames);
    if (run.kind === 'update') return Block.updates(this.cid, run.frames, run.marks);
    const { first: from, last: to, reason } = run;
    return Block.gap(this.cid, from, to, reason);
  }

  /** Moves everything whose turn has come into the runs. */
  #merge(): void {
    while (this.#started && this.#runsBytes < RUNS_BYTES) {
      const update = this.#updates.peek();
      if (update !== undefined && update.seq <= this.#messages.position) {
        this.#updates.shift();
        this.#append(update);
        continue;
      }
      const seq = this.#messages.position + 1;
      const frame = this.#messages.shift();
      if (frame === undefined) return;
      this.#grow(
        this.#runFor('message', () => ({ kind: 'message', first: seq, frames: [], bytes: 0 })),
        frame,
      );
    }
  }

  #append({ rev, seq, frame }: Update): void {
    const run = this.#runFor('update', () => ({ kind: 'update', marks: [], frames: [], bytes: 0 }));
    if (run.kind === 'update') run.marks.push({ rev, seq });
    this.#grow(run, frame);
  }

  /** What is taken soon may stay a view of what the bus delivered; where much waits, that would be kept alive for long. */
  #grow(run: Run, frame: Uint8Array): void {
    run.frames.push(this.#runsBytes > RUN_BYTES ? copyOf(frame) : frame);
    run.bytes += frame.length;
    this.#runsBytes += frame.length + WAITING_FRAME_BYTES;
  }

  #runFor(kind: Run['kind'], open: () => Run): Run {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.kind === kind && last.bytes < RUN_BYTES) return last;
    const run = open();
    this.#runs.push(run);
    return run;
  }

  /** Numbers `from … to` can never come. Those that have come all the same stay. */
  #closeGap(from: number, to: number, reason: GapReason): void {
    const missing = this.missingMessages;
    if (missing === undefined || missing.from < from || missing.from > to) return;
    const last = Math.min(to, missing.to);
    this.#messages.skipTo(last);
    this.#runs.push({ kind: 'gap', first: missing.from, last, reason, frames: [], bytes: GAP_BYTES });
    this.#runsBytes += GAP_BYTES;
  }
}

/** Not from the shared pool, which it would keep alive. */
function copyOf(frame: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(frame.length);
  copy.set(frame);
  return copy;
}

function rewind<T>(items: Reorder<T>): void {
  const { highest, position } = items;
  items.reset(position);
  items.expect(highest);
}
