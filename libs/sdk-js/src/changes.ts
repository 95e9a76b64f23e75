import { type Clock, type Deferred, deferred, type Timer } from '@messagecore/kernel';
import { ChatError, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';
import type { Change, WithoutRef } from './conversation/port.ts';
import { Turns } from './pace.ts';
import { bytesOf, type Largest } from './size.ts';

interface Pending {
  readonly order: number;
  readonly change: Change;
  readonly bytes: number;
  readonly outcome: Deferred<void>;
  timer: Timer | undefined;
}

export interface ChangesOptions {
  readonly clock: Clock;
  /** False, and nothing transmitted, unless online. */
  readonly transmit: (change: Change) => boolean;
  /** Takes room for one and returns 0, or the milliseconds to wait. */
  readonly take: () => number;
}

/** A longer frame may be refused by an error without `ref` (ANS-6). */
const READ_BYTES = 16_384;

/**
 * Edits, recalls and reactions under way.
 *
 * The server answers each by its `ref`, exactly once (ANS-1). Repeating does no harm, so what has no answer when the
 * connection ends goes out again with the next one, as does what was refused for the moment.
 */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #turns: Turns;
  readonly #pending = new Map<string, Pending>();
  #made = 0;
  #marked = 0;
  #frameBytes = Infinity;
  #online = false;

  constructor(options: ChangesOptions) {
    this.#options = options;
    const { clock, take } = options;
    this.#turns = new Turns({ clock, take, perform: (ref) => this.#transmit(ref) });
  }

  /** Settles when the server has answered; rejects with a `ChatError` when it refuses. */
  make(change: WithoutRef<Change>): Promise<void> {
    const order = ++this.#made;
    const ref = `c${order}`;
    const numbered = { ...change, ref };
    const pending: Pending = {
      order,
      change: numbered,
      bytes: bytesOf(numbered),
      outcome: deferred(),
      timer: undefined,
    };
    pending.outcome.promise.catch(() => undefined);
    this.#pending.set(ref, pending);
    this.#send(pending);
    return pending.outcome.promise;
  }

  online({ frameBytes }: { readonly frameBytes: number }): void {
    this.#frameBytes = frameBytes;
    this.#online = true;
    for (const pending of this.#pending.values()) this.#send(pending);
  }

  /** The largest change under way. */
  get largest(): Largest | undefined {
    const [pending] = [...this.#pending.values()].sort((a, b) => b.bytes - a.bytes);
    if (pending === undefined) return undefined;
    return { bytes: pending.bytes, refuse: () => this.refused(pending.change.ref, new ChatError('too_large')) };
  }

  offline(): void {
    this.#online = false;
    this.#turns.clear();
    for (const { timer } of this.#pending.values()) timer?.cancel();
  }

  /** What is under way by now belongs to the user of now. */
  mark(): void {
    this.#marked = this.#made;
  }

  /** The user of the mark will not come back. */
  abandon(error: ChatError): void {
    for (const { order, change } of [...this.#pending.values()])
      if (order <= this.#marked) this.#settle(change.ref)?.reject(error);
  }

  /** The server carried it out. */
  done(ref: string): void {
    this.#settle(ref)?.resolve();
  }

  refused(ref: string, error: ChatError): void {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return;
    if (ERRORS[error.code].retry !== 'later') this.#settle(ref)?.reject(error);
    else this.#sendIn(pending, error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
  }

  /** The server refused something long without reading it: any of the long changes may be meant. */
  refusedUnread(retryAfterMs: number): void {
    for (const pending of this.#pending.values()) if (pending.bytes > READ_BYTES) this.#sendIn(pending, retryAfterMs);
  }

  #sendIn(pending: Pending, ms: number): void {
    pending.timer?.cancel();
    pending.timer = this.#options.clock.setTimeout(() => this.#send(pending), ms);
  }

  #send(pending: Pending): void {
    if (pending.bytes > this.#frameBytes) return this.refused(pending.change.ref, new ChatError('too_large'));
    if (this.#online) this.#turns.add(pending.change.ref);
  }

  #transmit(ref: string): void {
    const pending = this.#pending.get(ref);
    if (pending !== undefined) this.#options.transmit(pending.change);
  }

  #settle(ref: string): Deferred<void> | undefined {
    const pending = this.#pending.get(ref);
    pending?.timer?.cancel();
    this.#pending.delete(ref);
    return pending?.outcome;
  }
}
