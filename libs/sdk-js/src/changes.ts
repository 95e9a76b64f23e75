import { type Clock, type Deferred, deferred, type Timer } from '@messagecore/kernel';
import { ChatError, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';
import { segment } from './addresses.ts';
import type { Change, WithoutRef } from './conversation/port.ts';
import { Turns } from './pace.ts';
import type { Rest } from './rest.ts';
import { bytesOf, type Largest } from './size.ts';
import type { DownFrameOf } from './wire.ts';

interface Pending {
  readonly order: number;
  readonly change: Change;
  readonly bytes: number;
  readonly outcome: Deferred<void>;
  timer: Timer | undefined;
  /** An `update` showed the message as it should be, by whomever. */
  seen: boolean;
  /** It is being asked for over HTTP, which answers. */
  confirming: boolean;
  /** How often that brought no answer. */
  unanswered: number;
}

export interface ChangesOptions {
  readonly clock: Clock;
  /** False, and nothing transmitted, unless online. */
  readonly transmit: (change: Change) => boolean;
  /** Takes room for one and returns 0, or the milliseconds to wait. */
  readonly take: () => number;
  /** Carries it out over HTTP: resolves when it is done, rejects with a `ChatError`. */
  readonly overHttp: (change: Change) => Promise<void>;
}

/** Silence after which a change is asked for over HTTP. A gateway may take 8 s to say that it could not be carried out. */
const SILENCE_MS = 12_000;
/** Times that a change may find no answer of any kind, on either way. */
const UNANSWERED = 3;

/** A change over HTTP. It may be repeated there: what is as it should be stays so. */
export async function changeOverHttp(rest: Pick<Rest, 'request'>, change: Change): Promise<void> {
  const path = `/v1/conversations/${segment(change.cid)}/messages/${change.seq}`;
  if (change.t === 'edit') await rest.request('PATCH', path, { body: { body: change.body } });
  else if (change.t === 'recall') await rest.request('DELETE', path);
  else await rest.request(change.on ? 'PUT' : 'DELETE', `${path}/reactions/${segment(change.emoji)}`);
}

/** Whether the message is as the change wants it. Somebody else may have changed it in another way. */
function fulfils({ cid, seq, body, recalled, reactions = {} }: DownFrameOf<'update'>, change: Change): boolean {
  if (change.cid !== cid || change.seq !== seq) return false;
  if (change.t === 'recall') return recalled === true;
  if (change.t === 'react') return change.on === Object.hasOwn(reactions, change.emoji);
  const has = (key: string) => (Object.hasOwn(body, key) ? JSON.stringify(body[key]) : undefined);
  return Object.entries(change.body).every(([key, value]) => JSON.stringify(value) === has(key));
}

/**
 * Edits, recalls and reactions under way.
 *
 * An edit or a recall has happened when the message's `update` shows it, and a refusal names its `ref`. A reaction shows
 * only as a count, which may be somebody else's, and a change that changes nothing is not answered at all: both are asked
 * for once more over HTTP, where there is an answer. Repeating does no harm, so whatever is unsettled goes out again with
 * every connection.
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

  /** Settles when the server has had its say; rejects with a `ChatError` when it refuses. */
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
      seen: false,
      confirming: false,
      unanswered: 0,
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

  updated(message: DownFrameOf<'update'>): void {
    for (const pending of [...this.#pending.values()]) {
      if (!fulfils(message, pending.change)) continue;
      if (pending.change.t !== 'react') this.done(pending.change.ref);
      else {
        pending.seen = true;
        void this.#confirm(pending);
      }
    }
  }

  /** The server said so. */
  done(ref: string): void {
    this.#settle(ref)?.resolve();
  }

  refused(ref: string, error: ChatError): void {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return;
    if (ERRORS[error.code].retry !== 'later') this.#settle(ref)?.reject(error);
    else this.#sendIn(pending, error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
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
    if (pending === undefined || !this.#options.transmit(pending.change)) return;
    pending.timer?.cancel();
    pending.timer = this.#options.clock.setTimeout(() => void this.#confirm(pending), SILENCE_MS);
  }

  async #confirm(pending: Pending): Promise<void> {
    const { ref } = pending.change;
    if (pending.confirming) return;
    pending.confirming = true;
    pending.timer?.cancel();
    try {
      await this.#options.overHttp(pending.change);
      this.done(ref);
    } catch (error) {
      pending.confirming = false;
      this.#unconfirmed(pending, error instanceof ChatError ? error : new ChatError('unavailable'));
    }
  }

  /** HTTP may be out of reach where WebSocket is not; then what was seen counts, and silence does not. */
  #unconfirmed(pending: Pending, error: ChatError): void {
    const { ref } = pending.change;
    if (!this.#pending.has(ref)) return;
    pending.unanswered += 1;
    if (ERRORS[error.code].retry === 'later' && pending.seen) return this.done(ref);
    if (ERRORS[error.code].retry === 'later' && pending.unanswered < UNANSWERED)
      return this.#sendIn(pending, error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
    this.#settle(ref)?.reject(error);
  }

  #settle(ref: string): Deferred<void> | undefined {
    const pending = this.#pending.get(ref);
    pending?.timer?.cancel();
    this.#pending.delete(ref);
    return pending?.outcome;
  }
}
