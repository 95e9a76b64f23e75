/**
 * The newest `capacity` items, oldest first. Adding to a full buffer drops the oldest. All operations take constant
 * time but iteration and `clear`; memory grows with use up to the capacity, so an idle buffer costs little.
 */
export class RingBuffer<T> implements Iterable<T> {
  readonly capacity: number;
  #slots: (T | undefined)[] = [];
  #start = 0;
  #length = 0;

  /** @throws RangeError unless `capacity` is a whole number of at least 1. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`capacity ${capacity} is not 1 or more`);
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds the newest item. Returns the item that it pushed out, if any. */
  push(item: T): T | undefined {
    const dropped = this.#length === this.capacity ? this.dropOldest() : undefined;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[this.#slot(this.#length)] = item;
    this.#length += 1;
    return dropped;
  }

  /** The item at `index` from the oldest; negative counts back from the newest (-1). Undefined outside. */
  at(index: number): T | undefined {
    const offset = index < 0 ? this.#length + index : index;
    return offset >= 0 && offset < this.#length ? this.#slots[this.#slot(offset)] : undefined;
  }

  /** Removes and returns the oldest item; undefined when empty. */
  dropOldest(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#start];
    this.#slots[this.#start] = undefined;
    this.#start = this.#slot(1);
    this.#length -= 1;
    return item;
  }

  clear(): void {
    this.#slots = [];
    this.#start = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let offset = 0; offset < this.#length; offset += 1) yield this.#slots[this.#slot(offset)] as T;
  }

  #slot(offset: number): number {
    const slot = this.#start + offset;
    return slot < this.#slots.length ? slot : slot - this.#slots.length;
  }

  #grow(): void {
    const items = [...this];
    this.#slots = Array.from({ length: Math.min(this.capacity, Math.max(8, items.length * 2)) });
    for (const [offset, item] of items.entries()) this.#slots[offset] = item;
    this.#start = 0;
  }
}
