import type { Gathering } from '@messagecore/kernel';
import { Batch, changedIn, type Frames, type Signal, withoutChangesBefore } from '../egress/block.ts';
import type { Sink } from '../egress/sink.ts';

/** A session's place in a room, as far as the hub needs it. */
export interface Member {
  readonly sink: Pick<Sink, 'deliver' | 'mustDeliver'>;
  readonly userId: string;
  readonly sid: string;
  /** The oldest message that the user may see; changes of older ones are none of theirs. */
  readonly from: number;
  /** What the session has been given: messages up to `seq`, changes up to `rev`, reports of reading up to `reads`. */
  seq: number;
  rev: number;
  reads: number;
  /** Takes part in fan-out. Its position is then the room's, or that of the pass that has not reached it yet. */
  live: boolean;
  /** Place in the room's list; the room's own. */
  slot: number;
  /** The sink refused. The position stays where it was, and `live` is false already. */
  fellBehind(): void;
}

/** How far a room's log has been sent: to the room, or to one member. */
export interface LogPosition {
  readonly seq: number;
  readonly rev: number;
  readonly reads: number;
}

/** The next frames of a room, and the position after them. */
export interface Advance extends LogPosition {
  readonly frames: readonly Frames[];
}

/** Where an audience gets the next stretch of its room's log; undefined when there is nothing new. */
export interface Source {
  readonly cid: string;
  take(): Advance | undefined;
}

/** One walk over the members. */
interface Pass {
  readonly frames: Frames;
  /** Log passes only: what they bring, to those who reach which position. */
  readonly log?: LogPass;
  /** Not for this session. */
  readonly exceptSid?: string;
  /** Also for members that catch up or lag: the replay does not contain these frames. */
  readonly toAll?: boolean;
  next: number;
}

/**
 * A stretch of the log, and its parts that those may see who joined later. There are as many different parts as there are
 * changes, at the most, however many members with however many beginnings there are.
 */
class LogPass {
  readonly position: LogPosition;
  readonly #cid: string;
  readonly #frames: readonly Frames[];
  /** The messages whose changes it brings; found when there is somebody to whom it matters. */
  #changed: readonly number[] | undefined;
  /** By how many of the changes are left out. */
  #partial: Map<number, Batch> | undefined;

  constructor(cid: string, advance: Advance) {
    this.position = advance;
    this.#cid = cid;
    this.#frames = advance.frames;
  }

  /** Whether it changes a message that this member may not see. */
  isPartialFor({ from }: Member): boolean {
    return from > 1 && from > (this.#changes[0] ?? Infinity);
  }

  get #changes(): readonly number[] {
    this.#changed ??= changedIn(this.#frames);
    return this.#changed;
  }

  partFor({ from }: Member): Batch {
    this.#partial ??= new Map();
    const leftOut = countBelow(this.#changes, from);
    let part = this.#partial.get(leftOut);
    if (part === undefined) {
      part = new Batch(this.#cid, withoutChangesBefore(this.#frames, from));
      this.#partial.set(leftOut, part);
    }
    return part;
  }
}

function countBelow(ascending: readonly number[], bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One or the other: a signal to all excepts nobody. */
export interface SignalOptions {
  readonly exceptSid?: string;
  readonly toAll?: boolean;
}

/** Transient signals (typing) queued at most; beyond it the oldest are dropped, which is harmless. */
const SIGNALS = 512;
/** Free places at which the list is packed. */
const PACK = 32;

/**
 * The members of one room and what is on its way to them.
 *
 * Invariant: passes are strictly one after the other, so every live member has the same position but for the pass under
 * way, and each member gets the room's log in order, each frame once. A member that appears in the middle of a pass
 * already has its frames (its position says so) and is skipped; one that leaves is a hole in the list, so nobody's place
 * moves during a pass. While a pass over a large room is under way, the log goes on growing and makes the next pass one
 * larger batch. So do signals to all, of which none is dropped: what waits of them is what the bus brings during one pass,
 * and each is a change of the conversation, which takes a transaction of its own.
 */
export class Audience {
  readonly #source: Source;
  readonly #ready: (audience: Audience) => void;
  #members: (Member | undefined)[] = [];
  #holes = 0;
  /** Signals to all, which go first, and passing ones. */
  #lasting: Signal[] = [];
  #passing: Pass[] = [];
  #pass: Pass | undefined;
  #afterLog = false;
  /** In the hub's list of rooms that have something to send; the hub's own. */
  queued = false;
  /** Of a room that was large once; the hub's own. */
  gathering: Gathering | undefined;

  constructor(source: Source, ready: (audience: Audience) => void) {
    this.#source = source;
    this.#ready = ready;
  }

  get size(): number {
    return this.#members.length - this.#holes;
  }

  *members(): Iterable<Member> {
    for (const member of this.#members) if (member !== undefined) yield member;
  }

  add(member: Member): void {
    member.slot = this.#members.push(member) - 1;
  }

  /** Nothing reaches the member's sink from here afterwards. Harmless when it is not (or no longer) in the room. */
  remove(member: Member): void {
    if (this.#members[member.slot] !== member) return;
    this.#members[member.slot] = undefined;
    this.#holes += 1;
    member.live = false;
    this.#pack();
  }

  /** The source has something new. */
  notify(): void {
    this.#ready(this);
  }

  signal(signal: Signal, options: SignalOptions = {}): void {
    if (options.toAll === true) this.#lasting.push(signal);
    else this.#addPassing({ frames: signal, ...options, next: 0 });
    this.#ready(this);
  }

  /**
   * Serves up to `budget` members. Returns how many it visited; fewer than `budget` means that nothing is left to send.
   */
  run(budget: number): number {
    let left = budget;
    while (left > 0) {
      const pass = (this.#pass ??= this.#nextPass());
      if (pass === undefined) break;
      const end = Math.min(this.#members.length, pass.next + left);
      left -= Math.max(1, end - pass.next);
      while (pass.next < end) this.#serve(this.#members[pass.next++], pass);
      if (pass.next < this.#members.length) break;
      this.#pass = undefined;
      this.#pack();
    }
    return budget - left;
  }

  #serve(member: Member | undefined, { frames, log, exceptSid, toAll }: Pass): void {
    if (member === undefined || !(member.live || toAll === true)) return;
    if (log === undefined) {
      if (toAll === true) member.sink.mustDeliver(frames);
      else if (member.sid !== exceptSid) member.sink.deliver(frames);
      return;
    }
    const { seq, rev, reads } = log.position;
    if (member.seq >= seq && member.rev >= rev && member.reads >= reads) return;
    const part = log.isPartialFor(member) ? log.partFor(member) : frames;
    if (part.count === 0 || member.sink.deliver(part)) {
      member.seq = seq;
      member.rev = rev;
      member.reads = reads;
    } else {
      member.live = false;
      member.fellBehind();
    }
  }

  #addPassing(pass: Pass): void {
    if (this.#passing.length >= SIGNALS) this.#passing.shift();
    this.#passing.push(pass);
  }

  /** The log and the signals take turns when both have frames. */
  #nextPass(): Pass | undefined {
    if (!this.#afterLog || (this.#lasting.length === 0 && this.#passing.length === 0)) {
      const advance = this.#source.take();
      if (advance !== undefined) {
        this.#afterLog = true;
        const { cid } = this.#source;
        return { frames: new Batch(cid, advance.frames), log: new LogPass(cid, advance), next: 0 };
      }
    }
    this.#afterLog = false;
    return this.#nextSignals();
  }

  #nextSignals(): Pass | undefined {
    if (this.#lasting.length === 0) return this.#passing.shift();
    const frames = new Batch(this.#source.cid, this.#lasting);
    this.#lasting = [];
    return { frames, toAll: true, next: 0 };
  }

  #pack(): void {
    if (this.#pass !== undefined || this.#holes < PACK || this.#holes * 2 < this.#members.length) return;
    this.#members = this.#members.filter((member) => member !== undefined);
    for (const [slot, member] of this.#members.entries()) if (member !== undefined) member.slot = slot;
    this.#holes = 0;
  }
}
