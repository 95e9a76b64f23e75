import type { Clock } from '@messagecore/kernel';
import { DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol';
import { type RpcError } from '@messagecore/protocol/bus';

/** A client hears of a refusal within this time, and stops sending past it. */
const MIN_HOLD_MS = 250;
/** Conversations that one session may have on hold; the oldest gives way. */
const HELD = 1_024;

interface Hold {
  readonly mid: string;
  /** Only what was sent after this place is held. */
  readonly place: number;
  readonly refusal: RpcError;
  readonly until: number;
}

/**
 * Keeps what a session pipelines to a conversation in the order sent, also when one of the sends is refused for the
 * moment: until that very message is sent again, or the client has had the time to hear of the refusal, those behind it
 * are refused as well. Otherwise they would be stored first, and the repeat after them.
 */
export class SendOrder {
  readonly #clock: Clock;
  #holds: Map<string, Hold> | undefined;
  #places = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The place of a send that has just come, in the order of all sends of the session. */
  nextPlace(): number {
    this.#places += 1;
    return this.#places;
  }

  /** The refusal that a send must share, if one before it was refused. */
  refusalOf(cid: string, mid: string, place: number): RpcError | undefined {
    const hold = this.#holds?.get(cid);
    if (hold === undefined || place < hold.place) return undefined;
    const left = hold.until - this.#clock.monotonic();
    if (hold.mid === mid || left <= 0) {
      this.#holds?.delete(cid);
      return undefined;
    }
    return { ...hold.refusal, retryAfterMs: Math.max(1, Math.ceil(left)) };
  }

  /** Notes that a send was refused. Returns the refusal, with the wait that the hold asks for, its own or an earlier one's. */
  refused(cid: string, mid: string, place: number, refusal: RpcError): RpcError {
    if (ERRORS[refusal.error].retry !== 'later') return refusal;
    const now = this.#clock.monotonic();
    const ownMs = refusal.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
    const earlier = this.#holds?.get(cid);
    if (earlier !== undefined && earlier.place <= place) {
      return { ...refusal, retryAfterMs: Math.max(ownMs, Math.ceil(earlier.until - now)) };
    }
    const waitMs = Math.max(MIN_HOLD_MS, ownMs);
    const held = { ...refusal, retryAfterMs: waitMs };
    this.#holds ??= new Map();
    this.#holds.set(cid, { mid, place, refusal: held, until: now + waitMs });
    const [oldest] = this.#holds.keys();
    if (this.#holds.size > HELD && oldest !== undefined) this.#holds.delete(oldest);
    return held;
  }
}
