import { type Clock, type Deferred, deferred, type Timer } from '@messagecore/kernel';
import { ChatError, CLIENT_LIMITS, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';
import type { Change, WithoutRef } from './conversation/port.ts';
import { type Cost, Turns } from './pace.ts';
import { bytesOf, type Largest } from './size.ts';
import type { DownFrameOf, UpFrameOf } from './wire.ts';

type Request = Change | UpFrameOf<'call'>;
type Result = DownFrameOf<'result'>;

interface Pending {
  readonly order: number;
  readonly frame: Request;
  readonly bytes: number;
  /** It may be done twice. */
  readonly again: boolean;
  readonly outcome: Deferred<Result>;
  readonly deadline: Timer | undefined;
  /** The server may have carried it out. */
  isSent: boolean;
  timer: Timer | undefined;
}

export interface RequestOptions {
  /** Whether to repeat it when it is unknown if it was carried out; it is refused as `unavailable` otherwise. */
  readonly again: boolean;
  /** How long to wait for the answer; for ever when left out. */
  readonly timeoutMs?: number;
}

export interface RequestsOptions {
  readonly clock: Clock;
  /** False, and nothing transmitted, unless online. */
  readonly transmit: (request: Request) => boolean;
  /** Takes room for one and returns 0, or the milliseconds to wait. */
  readonly take: (cost: Cost) => number;
}

/** A longer frame may be refused by an error without `ref` (ANS-6). */
const READ_BYTES = 16_384;
/** With so many that wait or are under way no call is taken. */
const MAX_PENDING = 1_000;

/**
 * Edits, recalls, reactions and calls under way.
 *
 * The server answers each by its `ref`, exactly once (ANS-1). What has no answer when the connection ends, or was refused
 * for the moment, goes out again if repeating does no harm; else only what is known not to have been carried out does.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #turns: Turns;
  readonly #pending = new Map<string, Pending>();
  /** Calls that were given a place among those under way (CALL-4). */
  readonly #placed = new Set<string>();
  #made = 0;
  #marked = 0;
  #frameBytes = Infinity;
  #online = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { clock } = options;
    const take = (ref: string) => options.take(this.#pending.get(ref)?.frame.t === 'call' ? 'frame' : 'send');
    this.#turns = new Turns({ clock, take, perform: (ref) => this.#transmit(ref) });
  }

  /** Settles when the server has answered; rejects with a `ChatError` when it refuses, or when there is no answer in time. */
  make(request: WithoutRef<Request>, { again, timeoutMs }: RequestOptions): Promise<Result> {
    if (request.t === 'call' && this.#pending.size >= MAX_PENDING) throw new ChatError('rate_limited');
    const order = ++this.#made;
    const ref = `c${order}`;
    const frame = { ...request, ref };
    const giveUp = () => this.#giveUp(ref, 'no answer in time');
    const pending: Pending = {
      order,
      frame,
      bytes: bytesOf(frame),
      again,
      outcome: deferred(),
      deadline: timeoutMs === undefined ? undefined : this.#options.clock.setTimeout(giveUp, timeoutMs),
      isSent: false,
      timer: undefined,
    };
    this.#pending.set(ref, pending);
    this.#send(pending);
    return pending.outcome.promise;
  }

  /** The same for what may be repeated; nobody need look at what becomes of it. */
  change(change: WithoutRef<Change>): Promise<void> {
    const done = this.make(change, { again: true }).then(() => undefined);
    done.catch(() => undefined);
    return done;
  }

  online({ frameBytes }: { readonly frameBytes: number }): void {
    this.#frameBytes = frameBytes;
    this.#online = true;
    for (const pending of this.#pending.values()) this.#send(pending);
  }

  /** The largest request under way. */
  get largest(): Largest | undefined {
    const [pending] = [...this.#pending.values()].sort((a, b) => b.bytes - a.bytes);
    if (pending === undefined) return undefined;
    return { bytes: pending.bytes, refuse: () => this.refused(pending.frame.ref, new ChatError('too_large')) };
  }

  offline(): void {
    this.#online = false;
    this.#turns.clear();
    for (const { timer, isSent, again, frame } of [...this.#pending.values()]) {
      timer?.cancel();
      if (isSent && !again) this.#giveUp(frame.ref, 'the connection ended before the answer');
    }
  }

  /** Whether it was carried out stays unknown. */
  #giveUp(ref: string, why: string): void {
    this.#settle(ref)?.reject(new ChatError('unavailable', why));
  }

  /** What is under way by now belongs to the user of now. */
  mark(): void {
    this.#marked = this.#made;
  }

  /** The user of the mark will not come back. */
  abandon(error: ChatError): void {
    for (const { order, frame } of [...this.#pending.values()])
      if (order <= this.#marked) this.#settle(frame.ref)?.reject(error);
  }

  /** The server carried it out. */
  done(result: Result): void {
    this.#settle(result.ref)?.resolve(result);
  }

  refused(ref: string, error: ChatError): void {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return;
    const passes = error.code === 'rate_limited' || (pending.again && ERRORS[error.code].retry === 'later');
    if (!passes) return this.#settle(ref)?.reject(error);
    pending.isSent = false;
    this.#sendIn(pending, error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
  }

  /** The server refused something long without reading it: any of the long requests may be meant. */
  refusedUnread(retryAfterMs: number): void {
    for (const pending of this.#pending.values())
      if (pending.again && pending.bytes > READ_BYTES) this.#sendIn(pending, retryAfterMs);
  }

  #sendIn(pending: Pending, ms: number): void {
    pending.timer?.cancel();
    pending.timer = this.#options.clock.setTimeout(() => this.#send(pending), ms);
  }

  #send(pending: Pending): void {
    const { ref } = pending.frame;
    if (pending.bytes > this.#frameBytes) return this.refused(ref, new ChatError('too_large'));
    if (this.#online && this.#hasPlace(pending)) this.#turns.add(ref);
  }

  /** Of calls so many are under way at a time; the others wait for one to end. */
  #hasPlace({ frame: { t, ref } }: Pending): boolean {
    if (t === 'call' && this.#placed.size < CLIENT_LIMITS.callsInFlight) this.#placed.add(ref);
    return t !== 'call' || this.#placed.has(ref);
  }

  #transmit(ref: string): void {
    const pending = this.#pending.get(ref);
    if (pending !== undefined) pending.isSent = this.#options.transmit(pending.frame);
  }

  #settle(ref: string): Deferred<Result> | undefined {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return undefined;
    pending.timer?.cancel();
    pending.deadline?.cancel();
    this.#pending.delete(ref);
    if (this.#placed.delete(ref)) this.#placeNext();
    return pending.outcome;
  }

  #placeNext(): void {
    const hasNone = ({ frame: { t, ref } }: Pending) => t === 'call' && !this.#placed.has(ref);
    const next = [...this.#pending.values()].find(hasNone);
    if (next !== undefined) this.#send(next);
  }
}
