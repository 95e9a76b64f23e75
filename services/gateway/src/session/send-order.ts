import type { Clock } from '@messagecore/kernel';
import { DEFAULT_RETRY_AFTER_MS, ERRORS, type RpcError } from '@messagecore/protocol';

/** A client hears of a refusal within this time, and stops sending past it. */
const MIN_HOLD_MS = 250;
/** Conversations that one session may have on hold; the oldest gives way. */
const HELD = 1_024;

interface Hold {
  readonly mid: string;
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

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The refusal that a send must share, if one before it was refused. */
  refusalOf(cid: string, mid: string): RpcError | undefined {
    const hold = this.#holds?.get(cid);
    if (hold === undefined) return undefined;
    const left = hold.until - this.#clock.monotonic();
    if (hold.mid === mid || left <= 0) {
      this.#holds?.delete(cid);
      return undefined;
    }
    return { ...hold.refusal, retryAfterMs: Math.max(1, Math.ceil(left)) };
  }

  /** Notes that a send was refused. Returns the refusal, with the wait that the hold asks for. */
  refused(cid: string, mid: string, refusal: RpcError): RpcError {
    if (ERRORS[refusal.error].retry !== 'later') return refusal;
    // One that shares the refusal of an earlier one waits for that.
    if (this.#holds?.has(cid) === true) return refusal;
    const waitMs = Math.max(MIN_HOLD_MS, refusal.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
    const held = { ...refusal, retryAfterMs: waitMs };
    this.#holds ??= new Map();
    this.#holds.set(cid, { mid, refusal: held, until: this.#clock.monotonic() + waitMs });
    const [oldest] = this.#holds.keys();
    if (this.#holds.size > HELD && oldest !== undefined) this.#holds.delete(oldest);
    return held;
  }
}
