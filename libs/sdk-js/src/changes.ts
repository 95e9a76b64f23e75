import { type Clock, type Deferred, deferred, type Timer } from '@messagecore/kernel';
import type { DownFrameOf } from '@messagecore/protocol';
import { ChatError, ERRORS } from '@messagecore/protocol/constants';
import type { Change, WithoutRef } from './conversation/port.ts';
import { bytesOf, type Largest } from './size.ts';

interface Pending {
  readonly change: Change;
  readonly bytes: number;
  readonly outcome: Deferred<void>;
  timer: Timer | undefined;
}

/**
 * A change that is neither refused nor seen for this long changed nothing, such as a reaction that was there already. A
 * gateway may take 8 s to say that it could not be carried out.
 */
const SETTLED_MS = 12_000;

/** Whether the message is as the change wants it. Somebody else may have changed it in another way. */
function fulfils({ cid, seq, body, recalled, reactions }: DownFrameOf<'update'>, change: Change): boolean {
  if (change.cid !== cid || change.seq !== seq) return false;
  if (change.t === 'recall') return recalled === true;
  if (change.t === 'react') return change.on === (reactions?.[change.emoji] ?? 0) > 0;
  return Object.entries(change.body).every(([key, value]) => JSON.stringify(body[key]) === JSON.stringify(value));
}

/**
 * Edits, recalls and reactions under way. A change is answered by the message's `update`, or by an error with its `ref`;
 * one that changes nothing is not answered at all. All of them may be repeated without harm, so whatever is unsettled
 * goes out again with every connection.
 */
export class Changes {
  readonly #clock: Clock;
  readonly #transmit: (change: Change) => boolean;
  readonly #pending = new Map<string, Pending>();
  #made = 0;
  #frameBytes = Infinity;

  constructor(clock: Clock, transmit: (change: Change) => boolean) {
    this.#clock = clock;
    this.#transmit = transmit;
  }

  /** Settles when the server has had its say; rejects with a `ChatError` when it refuses. */
  make(change: WithoutRef<Change>): Promise<void> {
    const ref = `c${++this.#made}`;
    const numbered = { ...change, ref };
    const pending: Pending = { change: numbered, bytes: bytesOf(numbered), outcome: deferred(), timer: undefined };
    pending.outcome.promise.catch(() => undefined);
    this.#pending.set(ref, pending);
    this.#send(pending);
    return pending.outcome.promise;
  }

  online({ frameBytes }: { readonly frameBytes: number }): void {
    this.#frameBytes = frameBytes;
    for (const pending of this.#pending.values()) this.#send(pending);
  }

  /** The largest change under way. */
  get largest(): Largest | undefined {
    const [pending] = [...this.#pending.values()].sort((a, b) => b.bytes - a.bytes);
    if (pending === undefined) return undefined;
    return { bytes: pending.bytes, refuse: () => this.refused(pending.change.ref, new ChatError('too_large')) };
  }

  offline(): void {
    for (const { timer } of this.#pending.values()) timer?.cancel();
  }

  updated(message: DownFrameOf<'update'>): void {
    for (const { change } of this.#pending.values()) if (fulfils(message, change)) this.#settle(change.ref)?.resolve();
  }

  refused(ref: string, error: ChatError): void {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return;
    pending.timer?.cancel();
    if (ERRORS[error.code].retry !== 'later') this.#settle(ref)?.reject(error);
    else pending.timer = this.#clock.setTimeout(() => this.#send(pending), error.retryAfterMs ?? 0);
  }

  #send(pending: Pending): void {
    if (pending.bytes > this.#frameBytes) return this.refused(pending.change.ref, new ChatError('too_large'));
    if (!this.#transmit(pending.change)) return;
    pending.timer?.cancel();
    pending.timer = this.#clock.setTimeout(() => this.#settle(pending.change.ref)?.resolve(), SETTLED_MS);
  }

  #settle(ref: string): Deferred<void> | undefined {
    const pending = this.#pending.get(ref);
    pending?.timer?.cancel();
    this.#pending.delete(ref);
    return pending?.outcome;
  }
}
