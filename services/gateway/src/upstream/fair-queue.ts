/**
 * A queue that its owners share: first in, first out for each owner, and owners take turns. Bounded in bytes for all, and
 * for each owner by a part of what is free (Choudhury and Hahne, 1998), so that whoever fills it leaves room for the next.
 */
import { BoundedQueue } from '@messagecore/kernel';

export interface FairQueueOptions<T> {
  readonly maxBytes: number;
  /** What one owner may hold, as a part of what is free. */
  readonly share: number;
  readonly ownerOf: (item: T) => string;
  readonly sizeOf: (item: T) => number;
}

export class FairQueue<T> {
  readonly #options: FairQueueOptions<T>;
  /** In the order of their turns. */
  readonly #owners = new Map<string, BoundedQueue<T>>();
  #bytes = 0;
  #length = 0;

  constructor(options: FairQueueOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False, and nothing changed, when the item would go beyond a bound. */
  push(item: T): boolean {
    const { maxBytes, share, ownerOf, sizeOf } = this.#options;
    const size = sizeOf(item);
    const free = maxBytes - this.#bytes;
    const owner = ownerOf(item);
    const own = this.#owners.get(owner);
    if (size > free || (own !== undefined && own.bytes + size > free * share)) return false;
    const queue = own ?? new BoundedQueue<T>({ sizeOf });
    if (own === undefined) this.#owners.set(owner, queue);
    queue.push(item);
    this.#bytes += size;
    this.#length += 1;
    return true;
  }

  /** The item that `shift` would return, left where it is. */
  peek(): T | undefined {
    const [queue] = this.#owners.values();
    return queue?.peek();
  }

  shift(): T | undefined {
    for (const [owner, queue] of this.#owners) {
      const item = queue.shift();
      this.#owners.delete(owner);
      if (queue.length > 0) this.#owners.set(owner, queue);
      if (item === undefined) continue;
      this.#bytes -= this.#options.sizeOf(item);
      this.#length -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes out everything of one owner. */
  drop(owner: string): T[] {
    const queue = this.#owners.get(owner);
    if (queue === undefined) return [];
    this.#owners.delete(owner);
    this.#bytes -= queue.bytes;
    this.#length -= queue.length;
    return [...queue];
  }
}
