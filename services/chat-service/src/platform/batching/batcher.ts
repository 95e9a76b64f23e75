/**
 * Adaptive group commit, without knowing what is committed.
 *
 * An item that finds a free slot goes at once, alone if it is alone; what arrives while batches are under way forms the
 * next one. There is no timer: the duration of a batch is the only wait, so batches grow with the load by themselves.
 *
 * Invariants: items of one key and lane are run in the order in which they were added; a key is never in two batches
 * under way; a batch never holds two items of the same key and identity. A repeat of an item that is queued or under
 * way is not run: it shares that item's outcome (`merge` says what is a repeat). A second item of an identity that is
 * no repeat waits for the next batch, and with it what stands behind it in its lane, but no other lane.
 *
 * Fairness: owners take turns to choose keys for a batch, the keys of a batch take turns to add items to it, and so do
 * the lanes of a key. The queue is bounded in total, and for each owner by a part of what is still free.
 *
 * When an item fails with `unavailable`, it is unknown whether it was run. Items queued behind it under the same key,
 * or in the same lane only if `staysInLane` says so, fail too: otherwise they would be run before the caller's repeat.
 */
import { type Deferred, deferred } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Bounded } from '@messagecore/runtime';
import { type KeyQueue, Queues, type Entry } from './key-queue.ts';
import { type Share, WaitingBounds } from './waiting-bounds.ts';

export interface BatcherOptions<I, R> {
  /** Settles every item of the batch, in order. When it rejects, all of them fail with its reason. */
  readonly run: (items: readonly I[]) => Promise<readonly (R | ChatError)[]>;
  /** A key is in one batch at a time. */
  readonly keyOf: (item: I) => string;
  /** Items of one key and lane keep their order. Every key is one lane when left out. */
  readonly laneOf?: (item: I) => string;
  /** Two items of one key and identity never meet in a batch; undefined for an item that may meet any. */
  readonly identityOf: (item: I) => string | undefined;
  /** Those who take turns to name keys for a batch. */
  readonly ownerOf?: (item: I) => string;
  /** Where an item's key is kept; a batch has keys of one place. All are kept in one when left out. */
  readonly shardOf?: (item: I) => string;
  /**
   * What is run for both when `later` repeats `earlier`; undefined when it is something else. Of an item that is
   * `underWay` nothing can be changed any more.
   */
  readonly merge?: (earlier: I, later: I, underWay: boolean) => I | undefined;
  /** The outcome of a repeat, made of the one that it shares. */
  readonly repeated?: (outcome: R) => R;
  /** Called when an item that had repeats has settled, with their number. */
  readonly onRepeats?: (item: I, repeats: number) => void;
  /** Whether a failure concerns the item's own lane alone. */
  readonly staysInLane?: (error: ChatError) => boolean;
  readonly bytesOf: (item: I) => number;
  readonly maxInFlight: number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** Keys in one batch. */
  readonly maxKeys?: number;
  /** What waits is divided over the free slots, a key undivided, unless a share were smaller than this. */
  readonly minShare: number;
  /** What may wait; at the bound items are refused with `unavailable`. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** What one owner may have waiting, as a part of what is free. */
  readonly shares?: readonly Share<I>[];
  /** Runs a function soon, after whatever else is arriving just now. */
  readonly defer: (fn: () => void) => void;
}

/** Approximate memory of a waiting repeat. */
const REPEAT_BYTES = 128;

/** Of an entry that nobody repeats. */
const NONE: never[] = [];

export class Batcher<I, R> {
  readonly #options: BatcherOptions<I, R>;
  readonly #queues: Queues<I, R>;
  readonly #bounds: WaitingBounds<I>;
  #entries = 0;
  #inFlight = 0;
  #pending = 0;
  #deferred = false;
  #closed: Deferred<void> | undefined;

  constructor(options: BatcherOptions<I, R>) {
    this.#options = options;
    this.#queues = new Queues(options.bytesOf);
    this.#bounds = new WaitingBounds(options);
  }

  /** Items that wait for their batch. */
  get pending(): number {
    return this.#pending;
  }

  /** The queue, for those who watch it. */
  get queue(): Bounded {
    const { maxPending: max } = this.#options;
    const pending = () => this.#pending;
    return {
      max,
      get size() {
        return pending();
      },
    };
  }

  /** Settles with the item's own outcome. Rejects with `unavailable` when too much waits, or after `close`. */
  add(item: I): Promise<R> {
    const { keyOf, laneOf, identityOf, ownerOf, shardOf, bytesOf } = this.#options;
    if (this.#closed !== undefined) return Promise.reject(new ChatError('unavailable', 'stopping'));
    if (!this.#bounds.admits(item)) return Promise.reject(new ChatError('unavailable', 'too much is waiting'));
    const key = this.#queues.of(keyOf(item), ownerOf?.(item) ?? '', shardOf?.(item));
    const identity = identityOf(item);
    const shared = this.#shareOutcome(key, identity, item);
    if (shared !== undefined) return shared;
    const outcome = deferred<R>();
    const lane = laneOf?.(item) ?? '';
    this.#entries += 1;
    this.#queues.push({ item, key, order: this.#entries, lane, identity, underWay: false, outcome, repeats: NONE });
    this.#pending += 1;
    this.#bounds.add(item, bytesOf(item));
    this.#flushSoon();
    return outcome.promise;
  }

  /** Refuses new items and settles when everything added has settled. */
  async close(): Promise<void> {
    this.#closed ??= deferred();
    this.#settleClose();
    await this.#closed.promise;
  }

  #shareOutcome(key: KeyQueue<I, R>, identity: string | undefined, item: I): Promise<R> | undefined {
    const twin = identity === undefined ? undefined : key.byIdentity.get(identity);
    const merged = twin && this.#options.merge?.(twin.item, item, twin.underWay);
    if (twin === undefined || merged === undefined) return undefined;
    if (!twin.underWay) twin.item = merged;
    const outcome = deferred<R>();
    if (twin.repeats === NONE) twin.repeats = [];
    twin.repeats.push({ item, outcome });
    this.#bounds.add(item, REPEAT_BYTES);
    return outcome.promise;
  }

  #flushSoon(): void {
    if (this.#deferred || this.#inFlight >= this.#options.maxInFlight) return;
    this.#deferred = true;
    this.#options.defer(() => {
      this.#deferred = false;
      while (this.#inFlight < this.#options.maxInFlight && this.#queues.ready) void this.#runNext();
    });
  }

  async #runNext(): Promise<void> {
    const { keys, batch } = this.#queues.take({ ...this.#options, share: this.#share() });
    this.#pending -= batch.length;
    for (const { item } of batch) this.#bounds.remove(item, this.#options.bytesOf(item));
    this.#inFlight += 1;
    const outcomes = await this.#outcomesOf(batch);
    for (const [index, entry] of batch.entries()) {
      this.#settle(entry, outcomes[index] ?? new ChatError('internal', 'no outcome'));
    }
    this.#inFlight -= 1;
    this.#queues.release(keys);
    this.#flushSoon();
    this.#settleClose();
  }

  /**
   * The queue is divided over the free slots; without that, keys that once were in one batch would stay together for
   * ever.
   */
  #share(): number {
    const { maxInFlight, minShare } = this.#options;
    return Math.max(minShare, Math.ceil(this.#pending / (maxInFlight - this.#inFlight)));
  }

  async #outcomesOf(batch: readonly Entry<I, R>[]): Promise<readonly (R | ChatError)[]> {
    try {
      return await this.#options.run(batch.map(({ item }) => item));
    } catch (cause) {
      const error = cause instanceof ChatError ? cause : new ChatError('internal', undefined, { cause });
      return batch.map(() => error);
    }
  }

  #settle(entry: Entry<I, R>, result: R | ChatError): void {
    this.#answer(entry, result);
    if (!(result instanceof ChatError) || result.code !== 'unavailable') return;
    const lane = this.#options.staysInLane?.(result) === true ? entry.lane : undefined;
    for (const behind of this.#queues.drop(entry.key, lane)) {
      this.#pending -= 1;
      this.#bounds.remove(behind.item, this.#options.bytesOf(behind.item));
      this.#answer(behind, result);
    }
  }

  #answer(entry: Entry<I, R>, result: R | ChatError): void {
    const { repeated, onRepeats } = this.#options;
    const { item, outcome, repeats } = entry;
    this.#queues.forget(entry);
    if (result instanceof ChatError) outcome.reject(result);
    else outcome.resolve(result);
    for (const repeat of repeats) {
      this.#bounds.remove(repeat.item, REPEAT_BYTES);
      if (result instanceof ChatError) repeat.outcome.reject(result);
      else repeat.outcome.resolve(repeated?.(result) ?? result);
    }
    if (repeats.length > 0) onRepeats?.(item, repeats.length);
  }

  #settleClose(): void {
    if (this.#inFlight === 0 && this.#pending === 0) this.#closed?.resolve();
  }
}
