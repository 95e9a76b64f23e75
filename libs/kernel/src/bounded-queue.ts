export interface BoundedQueueOptions<T> {
  /** Most items held at once; no bound when left out. */
  readonly maxItems?: number;
  /** Most bytes held at once, as `sizeOf` counts them; no bound when left out. */
  readonly maxBytes?: number;
  readonly sizeOf: (item: T) => number;
}

/**
 * First in, first out, bounded in items and bytes. The queue never drops: at a bound `push` refuses and the caller
 * decides what that means. `bytes` is always the sum of `sizeOf` over what is held, so `sizeOf` must give the same answer
 * for the same item.
 */
export class BoundedQueue<T> implements Iterable<T> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (item: T) => number;
  #items: (T | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  constructor({ maxItems = Infinity, maxBytes = Infinity, sizeOf }: BoundedQueueOptions<T>) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds at the end. False, and nothing changed, when a bound would be exceeded. */
  push(item: T): boolean {
    const size = this.#sizeOf(item);
    if (this.length >= this.#maxItems || this.#bytes + size > this.#maxBytes) return false;
    this.#items.push(item);
    this.#bytes += size;
    return true;
  }

  /** The item that `shift` would return, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Removes and returns the first item; undefined when empty. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= this.#sizeOf(item);
    if (this.#head === this.#items.length) this.#rewind();
    else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) this.#compact();
    return item;
  }

  clear(): void {
    this.#rewind();
    this.#bytes = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index += 1) yield this.#items[index] as T;
  }

  #rewind(): void {
    this.#items = [];
    this.#head = 0;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

/** Slots freed at the front before it pays to move the rest; moving at half makes `shift` constant on average. */
const COMPACT_AFTER = 64;
