/**
 * Adaptive group commit, without knowing what is committed.
 *
 * An item that finds a free slot goes at once, alone if it is alone; what arrives while batches are under way forms the
 * next one. There is no timer: the duration of a batch is the only wait, so batches grow with the load by themselves.
 *
 * Invariants: items of one key are run in the order in which they were added; a key is never in two batches under way;
 * a batch never holds two items of the same key and identity (the second waits for the next batch); keys take turns.
 *
 * When items of a key fail with `unavailable`, nobody knows how far they got: everything queued behind them under the
 * same key fails too, since running it would overtake what the caller is about to repeat.
 */
import { BoundedQueue, type Deferred, deferred } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';

export interface BatcherOptions<I, R> {
  /** Settles every item of the batch, in order. When it rejects, all of them fail with its reason. */
  readonly run: (items: readonly I[]) => Promise<readonly (R | ChatError)[]>;
  /** Items of one key keep their order. */
  readonly keyOf: (item: I) => string;
  /** Two items of one key and identity never meet in a batch. */
  readonly identityOf: (item: I) => string;
  readonly bytesOf: (item: I) => number;
  readonly maxInFlight: number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** What waits is divided over the free slots, a key undivided, unless a share were smaller than this. */
  readonly minShare: number;
  /** What may wait; at the bound items are refused with `unavailable`. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Runs a function soon, after whatever else is arriving just now. */
  readonly defer: (fn: () => void) => void;
}

interface Entry<I, R> {
  readonly item: I;
  readonly outcome: Deferred<R>;
}

export class Batcher<I, R> {
  readonly #options: BatcherOptions<I, R>;
  readonly #waiting = new Map<string, BoundedQueue<Entry<I, R>>>();
  /** Keys that have something waiting and nothing under way, in the order of their turns. */
  readonly #ready = new Set<string>();
  readonly #underWay = new Set<string>();
  #inFlight = 0;
  #pending = 0;
  #pendingBytes = 0;
  #deferred = false;
  #closed: Deferred<void> | undefined;

  constructor(options: BatcherOptions<I, R>) {
    this.#options = options;
  }

  /** Items that wait for their batch. */
  get pending(): number {
    return this.#pending;
  }

  /** Settles with the item's own outcome. Rejects with `unavailable` when too much waits, or after `close`. */
  add(item: I): Promise<R> {
    const { maxPending, maxPendingBytes, keyOf, bytesOf } = this.#options;
    if (this.#closed !== undefined) return Promise.reject(new ChatError('unavailable', 'stopping'));
    // An item is let in as long as there is any room, so that no smaller one behind it is let in instead.
    if (this.#pending >= maxPending || this.#pendingBytes >= maxPendingBytes) {
      return Promise.reject(new ChatError('unavailable', 'too many messages are waiting to be stored'));
    }
    const entry: Entry<I, R> = { item, outcome: deferred<R>() };
    const key = keyOf(item);
    this.#queueOf(key).push(entry);
    this.#pending += 1;
    this.#pendingBytes += bytesOf(item);
    if (!this.#underWay.has(key)) this.#ready.add(key);
    this.#flushSoon();
    return entry.outcome.promise;
  }

  /** Refuses new items and settles when everything added has settled. */
  async close(): Promise<void> {
    this.#closed ??= deferred();
    this.#settleClose();
    await this.#closed.promise;
  }

  #queueOf(key: string): BoundedQueue<Entry<I, R>> {
    const existing = this.#waiting.get(key);
    if (existing !== undefined) return existing;
    const queue = new BoundedQueue<Entry<I, R>>({ sizeOf: ({ item }) => this.#options.bytesOf(item) });
    this.#waiting.set(key, queue);
    return queue;
  }

  #flushSoon(): void {
    if (this.#deferred || this.#inFlight >= this.#options.maxInFlight) return;
    this.#deferred = true;
    this.#options.defer(() => {
      this.#deferred = false;
      while (this.#inFlight < this.#options.maxInFlight && this.#ready.size > 0) void this.#runNext();
    });
  }

  async #runNext(): Promise<void> {
    const batch = this.#takeBatch(this.#share());
    const keys = new Set(batch.map(({ item }) => this.#options.keyOf(item)));
    for (const key of keys) {
      this.#ready.delete(key);
      this.#underWay.add(key);
    }
    this.#inFlight += 1;
    this.#settle(batch, await this.#outcomesOf(batch));
    this.#inFlight -= 1;
    for (const key of keys) {
      this.#underWay.delete(key);
      if (this.#waiting.has(key)) this.#ready.add(key);
    }
    this.#flushSoon();
    this.#settleClose();
  }

  /** Slots work side by side: without a division, keys that once met in one batch would stay together for ever. */
  #share(): number {
    const { maxInFlight, minShare } = this.#options;
    return Math.max(minShare, Math.ceil(this.#pending / (maxInFlight - this.#inFlight)));
  }

  /** Keys in turn until there are `share` items; of each as many as fit, up to the first whose twin is in already. */
  #takeBatch(share: number): Entry<I, R>[] {
    const { maxItems, maxBytes } = this.#options;
    const batch: Entry<I, R>[] = [];
    let bytes = 0;
    for (const key of this.#ready) {
      if (batch.length >= share) break;
      const queue = this.#queueOf(key);
      const identities = new Set<string>();
      for (let entry = queue.peek(); entry !== undefined; entry = queue.peek()) {
        const size = this.#options.bytesOf(entry.item);
        const full = batch.length >= maxItems || (batch.length > 0 && bytes + size > maxBytes);
        if (full) return batch;
        const identity = this.#options.identityOf(entry.item);
        if (identities.has(identity)) break;
        identities.add(identity);
        this.#remove(key, queue);
        batch.push(entry);
        bytes += size;
      }
    }
    return batch;
  }

  #remove(key: string, queue: BoundedQueue<Entry<I, R>>): Entry<I, R> | undefined {
    const entry = queue.shift();
    if (queue.length === 0) this.#waiting.delete(key);
    if (entry === undefined) return undefined;
    this.#pending -= 1;
    this.#pendingBytes -= this.#options.bytesOf(entry.item);
    return entry;
  }

  async #outcomesOf(batch: readonly Entry<I, R>[]): Promise<readonly (R | ChatError)[]> {
    try {
      return await this.#options.run(batch.map(({ item }) => item));
    } catch (cause) {
      const error = cause instanceof ChatError ? cause : new ChatError('internal', undefined, { cause });
      return batch.map(() => error);
    }
  }

  #settle(batch: readonly Entry<I, R>[], outcomes: readonly (R | ChatError)[]): void {
    for (const [index, { item, outcome }] of batch.entries()) {
      const result = outcomes[index] ?? new ChatError('internal', 'no outcome');
      if (!(result instanceof ChatError)) outcome.resolve(result);
      else {
        outcome.reject(result);
        if (result.code === 'unavailable') this.#failBehind(this.#options.keyOf(item), result);
      }
    }
  }

  #failBehind(key: string, error: ChatError): void {
    for (let queue = this.#waiting.get(key); queue !== undefined; queue = this.#waiting.get(key)) {
      this.#remove(key, queue)?.outcome.reject(error);
    }
  }

  #settleClose(): void {
    if (this.#inFlight === 0 && this.#pending === 0) this.#closed?.resolve();
  }
}
