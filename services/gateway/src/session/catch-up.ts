import { LIMITS } from '@messagecore/protocol';
import type { Sink } from '../egress/sink.ts';
import type { Membership } from './membership.ts';
import type { Allowance } from './allowance.ts';
import { Replay } from './replay.ts';
import type { Pacer } from './pacer.ts';

/** Pages that one session fetches, or waits for, at once. */
const FETCHES = 2;
/** Wait before a failed request for history is made again. */
const RETRY_MS = 500;
/** What one slice hands over, about, and the steps that it takes at most. */
const SLICE_BYTES = 64 * 1024;
const STEPS = 64;

export interface CatchUpDeps {
  readonly sink: Pick<Sink, 'buffered' | 'onDrained'>;
  readonly pacer: Pacer;
  readonly allowance: Pick<Allowance, 'fetchPage' | 'replayed' | 'replayWaitMs'>;
  /** The history could not be read; it will be tried again after a while. */
  readonly onError: (error: unknown) => void;
  /** A membership is live again, so long after its replay began. One that missed nothing had none. */
  readonly onReplayed: (ms: number) => void;
  readonly now: () => number;
  readonly later: (ms: number, fn: () => void) => unknown;
}

/**
 * All replays of one session. They take turns slice by slice, so that one long history holds up no other conversation,
 * and none goes on while more than `LIMITS.resumeBytes` wait in the sink: so the reader sets the pace, and memory holds
 * a slice or a page or two, never a history.
 */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  /** Whose turn is next comes first. */
  readonly #replays = new Map<Membership, Replay>();
  /** Those whose page has come: before all others, as it takes memory. */
  #fetched: Replay[] = [];
  #fetching = 0;
  #scheduled = false;
  /** The user has been given so much history that the next of it waits. */
  #isPaced = false;
  #blockedSince: number | undefined;
  #laggingSince: number | undefined;
  #stopped = false;

  constructor(deps: CatchUpDeps) {
    this.#deps = deps;
  }

  /** True from when the sink refused room frames until every room is live again. */
  get lagging(): boolean {
    return this.#laggingSince !== undefined;
  }

  /** For how long, in milliseconds, the session has lagged, or the reader of a replay has not read at all. */
  get behindMs(): number {
    const since = this.#laggingSince ?? this.#blockedSince;
    return since === undefined ? 0 : this.#deps.now() - since;
  }

  /**
   * The sink has refused frames of a room: from here on no room is live until it has drained and caught up. True when
   * it was not lagging before.
   */
  fellBehind(membership: Membership, all: Iterable<Membership>): boolean {
    const isFirst = !this.lagging;
    if (isFirst) this.#laggingSince = this.#deps.now();
    for (const other of all) {
      if (!other.live && other !== membership) continue;
      other.live = false;
      this.start(other);
    }
    return isFirst;
  }

  /** Makes the membership live once it has everything. The usual case, nothing missed, is over when this returns. */
  start(membership: Membership): void {
    const replay = new Replay(membership, this.#deps.allowance);
    const { room } = membership;
    const { seq, rev, reads } = membership;
    const isThere = seq === room.seq && rev === room.rev && reads === room.reads;
    if (isThere && this.#deps.sink.buffered < LIMITS.resumeBytes) {
      void replay.step();
      return;
    }
    replay.begunAt = this.#deps.now();
    this.#replays.set(membership, replay);
    this.#schedule();
  }

  /** The membership has ended: nothing is owed to it. */
  forget(membership: Membership): void {
    this.#replays.delete(membership);
  }

  stop(): void {
    this.#stopped = true;
    this.#replays.clear();
    this.#fetched = [];
  }

  /** Called by the pacer: one slice, of one long replay or of many short ones. */
  run(): void {
    this.#scheduled = false;
    const { sink, allowance } = this.#deps;
    const end = sink.buffered + SLICE_BYTES;
    for (let steps = 0; steps < STEPS && !this.#stopped && sink.buffered < end; steps += 1) {
      if (sink.buffered >= LIMITS.resumeBytes) return this.#awaitDrain();
      // What was fetched is counted already.
      const isCounted = this.#fetched.length > 0;
      if (!isCounted && allowance.replayWaitMs() > 0) return this.#awaitAllowance(allowance.replayWaitMs());
      const replay = this.#next();
      if (replay === undefined) break;
      const before = sink.buffered;
      const step = replay.step();
      if (!isCounted) allowance.replayed(sink.buffered - before);
      if (step === 'more' || step === 'full') this.#replays.set(replay.membership, replay);
      if (step === 'done' && replay.membership.live) this.#deps.onReplayed(this.#deps.now() - replay.begunAt);
      if (step === 'full') return this.#awaitDrain();
      if (typeof step === 'object') void this.#await(step, replay);
    }
    this.#goOn();
  }

  #next(): Replay | undefined {
    const fetched = this.#fetched.shift();
    if (fetched !== undefined) return fetched;
    if (this.#fetching >= FETCHES) return undefined;
    const [first] = this.#replays.values();
    if (first !== undefined) this.#replays.delete(first.membership);
    return first;
  }

  async #await(fetch: Promise<void>, replay: Replay): Promise<void> {
    this.#fetching += 1;
    try {
      await fetch;
      this.#fetched.push(replay);
    } catch (error) {
      this.#deps.onError(error);
      await new Promise<void>((resolve) => this.#deps.later(RETRY_MS, resolve));
      this.#replays.set(replay.membership, replay);
    }
    this.#fetching -= 1;
    this.#goOn();
  }

  #awaitDrain(): void {
    if (this.#blockedSince !== undefined) return;
    this.#blockedSince = this.#deps.now();
    this.#deps.sink.onDrained(() => {
      this.#blockedSince = undefined;
      this.#goOn();
    });
  }

  #awaitAllowance(ms: number): void {
    if (this.#isPaced) return;
    this.#isPaced = true;
    this.#deps.later(ms, () => {
      this.#isPaced = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#idle) this.#laggingSince = undefined;
    else this.#schedule();
  }

  get #idle(): boolean {
    return this.#replays.size === 0 && this.#fetched.length === 0 && this.#fetching === 0;
  }

  #schedule(): void {
    const mayBegin = this.#replays.size > 0 && !this.#isPaced && this.#fetching < FETCHES;
    const hasWork = this.#fetched.length > 0 || mayBegin;
    if (this.#scheduled || this.#stopped || this.#blockedSince !== undefined || !hasWork) return;
    this.#scheduled = true;
    this.#deps.pacer.add(this);
  }
}
