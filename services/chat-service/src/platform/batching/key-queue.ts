/** Queued items by key and lane, and the order in which they are taken. Slots and outcomes are the batcher's. */
import { BoundedQueue, type Deferred } from '@messagecore/kernel';

export interface Entry<I, R> {
  item: I;
  readonly key: KeyQueue<I, R>;
  /** Rises with each entry. */
  readonly order: number;
  readonly lane: string;
  readonly identity: string | undefined;
  underWay: boolean;
  readonly outcome: Deferred<R>;
  /** Those who share the outcome. */
  repeats: { readonly item: I; readonly outcome: Deferred<R> }[];
}

type Lane<I, R> = BoundedQueue<Entry<I, R>>;

export interface KeyQueue<I, R> {
  readonly name: string;
  readonly owner: string;
  /** Keys of different shards never meet in a batch. */
  readonly shard: string | undefined;
  /** Lanes that have something waiting, in the order of their turns. */
  readonly lanes: Map<string, Lane<I, R>>;
  length: number;
  underWay: boolean;
  /** The latest entry of each identity, as long as it waits or is under way. */
  readonly byIdentity: Map<string, Entry<I, R>>;
}

export interface TakeLimits {
  /** So many items are wanted; the last key that is needed for them is not divided. */
  readonly share: number;
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxKeys?: number;
}

/** One key's part of the batch that is being made. */
interface KeyPart<I, R> {
  readonly key: KeyQueue<I, R>;
  readonly taken: Entry<I, R>[];
  readonly identities: Set<string>;
}

export class Queues<I, R> {
  readonly #sizeOf: (entry: Entry<I, R>) => number;
  readonly #keys = new Map<string, KeyQueue<I, R>>();
  /** By owner, in the order of their turns: keys that have something waiting and nothing under way, likewise. */
  readonly #ready = new Map<string, Set<KeyQueue<I, R>>>();

  constructor(bytesOf: (item: I) => number) {
    this.#sizeOf = ({ item }) => bytesOf(item);
  }

  /** Whether there is anything to take. */
  get ready(): boolean {
    return this.#ready.size > 0;
  }

  of(name: string, owner: string, shard?: string): KeyQueue<I, R> {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = { name, owner, shard, lanes: new Map(), length: 0, underWay: false, byIdentity: new Map() };
      this.#keys.set(name, key);
    }
    return key;
  }

  push(entry: Entry<I, R>): void {
    const { key } = entry;
    let lane = key.lanes.get(entry.lane);
    if (lane === undefined) {
      lane = new BoundedQueue<Entry<I, R>>({ sizeOf: this.#sizeOf });
      key.lanes.set(entry.lane, lane);
    }
    lane.push(entry);
    key.length += 1;
    if (entry.identity !== undefined) key.byIdentity.set(entry.identity, entry);
    if (!key.underWay) this.#makeReady(key);
  }

  /** The next batch, one key's items beside each other as they came, and its keys, which are under way until released. */
  take(limits: TakeLimits): { readonly keys: readonly KeyQueue<I, R>[]; readonly batch: readonly Entry<I, R>[] } {
    const parts = this.#choose(limits).map((key): KeyPart<I, R> => ({ key, taken: [], identities: new Set() }));
    this.#fill(parts, limits);
    const used = parts.filter(({ taken }) => taken.length > 0);
    for (const { key, taken } of used) {
      this.#unready(key);
      key.underWay = true;
      for (const entry of taken) entry.underWay = true;
    }
    return { keys: used.map(({ key }) => key), batch: used.flatMap(({ taken }) => inOrder(taken)) };
  }

  release(keys: readonly KeyQueue<I, R>[]): void {
    for (const key of keys) {
      key.underWay = false;
      if (key.length > 0) this.#makeReady(key);
      else this.#keys.delete(key.name);
    }
  }

  /** Takes out what waits under a key, or in one lane of it. */
  drop(key: KeyQueue<I, R>, lane?: string): Entry<I, R>[] {
    const dropped: Entry<I, R>[] = [];
    for (const [laneName, queue] of key.lanes) {
      if (lane !== undefined && laneName !== lane) continue;
      dropped.push(...queue);
      key.lanes.delete(laneName);
    }
    key.length -= dropped.length;
    return dropped;
  }

  /** An entry has settled: whoever repeats it from now on is another item. */
  forget(entry: Entry<I, R>): void {
    const { identity, key } = entry;
    if (identity !== undefined && key.byIdentity.get(identity) === entry) key.byIdentity.delete(identity);
  }

  #makeReady(key: KeyQueue<I, R>): void {
    const keys = this.#ready.get(key.owner);
    if (keys === undefined) this.#ready.set(key.owner, new Set([key]));
    else keys.add(key);
  }

  /** The owner whose key was taken goes to the end. */
  #unready(key: KeyQueue<I, R>): void {
    const keys = this.#ready.get(key.owner);
    if (keys === undefined) return;
    keys.delete(key);
    this.#ready.delete(key.owner);
    if (keys.size > 0) this.#ready.set(key.owner, keys);
  }

  /** Keys, one of each owner in turn, until there are enough items; all of the first one's shard. */
  #choose({ share, maxItems, maxKeys = maxItems }: TakeLimits): KeyQueue<I, R>[] {
    const chosen: KeyQueue<I, R>[] = [];
    let items = 0;
    let owners = [...this.#ready.values()].map((keys) => keys.values());
    while (owners.length > 0) {
      const left: typeof owners = [];
      for (const keys of owners) {
        if (items >= share || chosen.length >= maxKeys) return chosen;
        const { value } = keys.next();
        if (value === undefined) continue;
        left.push(keys);
        if (value.shard !== (chosen[0] ?? value).shard) continue;
        chosen.push(value);
        items += Math.min(value.length, maxItems);
      }
      owners = left;
    }
    return chosen;
  }

  /** One item of each key in turn, until the batch is full. */
  #fill(parts: readonly KeyPart<I, R>[], { maxItems, maxBytes }: TakeLimits): void {
    let items = 0;
    let bytes = 0;
    let open = parts;
    while (open.length > 0) {
      const left: KeyPart<I, R>[] = [];
      for (const part of open) {
        const lane = nextLane(part);
        const entry = lane?.peek();
        if (lane === undefined || entry === undefined) continue;
        const size = this.#sizeOf(entry);
        if (items >= maxItems || (items > 0 && bytes + size > maxBytes)) return;
        takeFrom(part, lane, entry);
        items += 1;
        bytes += size;
        left.push(part);
      }
      open = left;
    }
  }
}

/** Sorts by arrival, across lanes. */
function inOrder<I, R>(taken: Entry<I, R>[]): Entry<I, R>[] {
  return taken.every(({ order: place }, n) => n === 0 || (taken[n - 1]?.order ?? 0) < place)
    ? taken
    : taken.sort((a, b) => a.order - b.order);
}

/** The first lane whose next item may go into this batch. */
function nextLane<I, R>({ key, identities }: KeyPart<I, R>): Lane<I, R> | undefined {
  for (const lane of key.lanes.values()) {
    const identity = lane.peek()?.identity;
    if (identity === undefined || !identities.has(identity)) return lane;
  }
  return undefined;
}

function takeFrom<I, R>({ key, taken, identities }: KeyPart<I, R>, lane: Lane<I, R>, entry: Entry<I, R>): void {
  lane.shift();
  taken.push(entry);
  key.length -= 1;
  if (entry.identity !== undefined) identities.add(entry.identity);
  if (key.lanes.size === 1 && lane.length > 0) return;
  key.lanes.delete(entry.lane);
  if (lane.length > 0) key.lanes.set(entry.lane, lane);
}
