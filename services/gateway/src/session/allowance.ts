import { type Bulkhead, type Clock, createBulkhead, type Timer, TokenBucket } from '@messagecore/kernel';
import type { Rate } from '@messagecore/protocol';

/** What a request that is refused as too much counts as: about what its way to a chat-service and back costs. */
const REFUSAL_BYTES = 4 * 1024;
/** Pages of history that one user's sessions fetch at once. Each may take `BATCH_BYTES`, and others want some too. */
const PAGES = 2;
/** Connections of one user that are read from again at once: each may have a whole buffer to give. */
const RESUMED = 8;
const AGAIN_MS = 10;
/** How soon to look again whether still so many joins wait. */
const CROWDED_MS = 100;

/** A connection that need not be read from: what its peer sends stays in its peer's buffers. */
export interface Readable {
  pause(): void;
  resume(): void;
}

export interface AllowanceOptions {
  readonly clock: Clock;
  /** Bytes that the user may send. */
  readonly upload: Rate;
  /** Bytes of history that the user may be given. */
  readonly replay: Rate;
  /** True while more of the user's joins wait than are let in. */
  readonly isCrowded: () => boolean;
}

/**
 * What one user, over all sessions at this gateway, may make it read (LIM-17) and replay (LIM-18) in a second.
 *
 * Nothing is refused here: connections of a user who is over the rate are not read from until the time has come, and TCP
 * slows the peer down. Costs are taken when they are known, so the buckets may go below zero, and stay there for longer.
 */
export class Allowance {
  readonly #options: AllowanceOptions;
  readonly #upload: TokenBucket;
  #replay: TokenBucket | undefined;
  #pages: Bulkhead | undefined;
  readonly #paused = new Set<Readable>();
  #timer: Timer | undefined;
  /** Sessions that hold it. */
  holders = 0;

  constructor(options: AllowanceOptions) {
    this.#options = options;
    this.#upload = TokenBucket.following(options.upload, options.clock);
  }

  /** True when forgetting it changes nothing. */
  get isWhole(): boolean {
    const { upload, replay } = this.#options;
    const isIdle = this.holders === 0 && this.#paused.size === 0;
    return isIdle && this.#upload.waitFor(upload.burst) === 0 && (this.#replay?.waitFor(replay.burst) ?? 0) === 0;
  }

  /** So many bytes came from there. */
  received(bytes: number, from: Readable): void {
    this.#upload.spend(bytes);
    if (this.#waitMs() === 0 || this.#paused.has(from)) return;
    from.pause();
    this.#paused.add(from);
    this.#timer ??= this.#again();
  }

  /** A request of the user was refused as too much. */
  refused(): void {
    this.#upload.spend(REFUSAL_BYTES);
  }

  /** So many bytes of history were read, or sent. */
  replayed(bytes: number): void {
    const { clock, replay } = this.#options;
    this.#replay ??= TokenBucket.following(replay, clock);
    this.#replay.spend(bytes);
  }

  /** 0, or the milliseconds until more of the history may be replayed. */
  replayWaitMs(): number {
    return this.#replay?.waitFor(0) ?? 0;
  }

  /** Fetches a page of the history when it is its turn. */
  fetchPage<T>(fetch: () => Promise<T>): Promise<T> {
    this.#pages ??= createBulkhead({ atOnce: PAGES });
    return this.#pages('', fetch);
  }

  close(): void {
    this.#timer?.cancel();
    this.#paused.clear();
  }

  /** 0, or the milliseconds after which the user may be read from, perhaps. */
  #waitMs(): number {
    const waitMs = this.#upload.waitFor(0);
    return waitMs === 0 && this.#options.isCrowded() ? CROWDED_MS : waitMs;
  }

  #again(): Timer {
    return this.#options.clock.setTimeout(this.#resume, Math.max(AGAIN_MS, this.#waitMs()));
  }

  readonly #resume = (): void => {
    let resumed = 0;
    for (const readable of this.#paused) {
      if (resumed === RESUMED || this.#waitMs() > 0) break;
      this.#paused.delete(readable);
      readable.resume();
      resumed += 1;
    }
    this.#timer = this.#paused.size === 0 ? undefined : this.#again();
  };
}
