import type { Clock } from '@messagecore/kernel';

/**
 * Chat-services say every second that they are there. Without one of these messages for this long they count as
 * unreachable.
 */
const SILENCE_MS = 3_000;
/** An interruption that lasts longer makes the gateway not ready. Restarts of the bus or of a node are shorter. */
const NOT_READY_AFTER_MS = 15_000;
/** After that the way must have worked for this long. */
const STEADY_MS = 3_000;

/**
 * Whether chat-services can be reached through the bus, with hysteresis: a gateway that could not reach one for long sends
 * new clients elsewhere, a short interruption changes nothing, and one that comes and goes does not count as the way back.
 */
export class Reachability {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #seenAt: number;
  /** Since when there was no silence. */
  #steadySince: number;
  #reachable = true;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#seenAt = clock.monotonic();
    this.#steadySince = this.#seenAt;
  }

  /** A chat-service has said, over the bus, that it is there. */
  noteAlive(): void {
    const now = this.#clock.monotonic();
    this.#notice(now);
    if (now - this.#seenAt > SILENCE_MS) this.#steadySince = now;
    this.#seenAt = now;
  }

  /** Milliseconds since a chat-service was last heard of; since the start when none was. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#seenAt;
  }

  get interrupted(): boolean {
    return this.silentMs > SILENCE_MS;
  }

  /** False after an interruption that is, or was until a moment ago, too long. */
  get reachable(): boolean {
    this.#notice(this.#clock.monotonic());
    return this.#reachable;
  }

  #notice(now: number): void {
    if (now - this.#seenAt > NOT_READY_AFTER_MS) this.#reachable = false;
    else if (now - this.#seenAt <= SILENCE_MS && now - this.#steadySince >= STEADY_MS) this.#reachable = true;
  }
}
