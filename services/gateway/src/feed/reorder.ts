export interface ReorderOptions<T> {
  /** Most items that wait for an earlier one. */
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly sizeOf: (item: T) => number;
  /** What is kept of an item that has to wait: it may be a view of something larger. */
  readonly keep?: (item: T) => T;
}

/**
 * Puts numbered items that arrive late, early or twice into their dense order.
 *
 * Invariant: `shift` gives item `position + 1`, once each, and never skips a number by itself. An item beyond the
 * bounds is dropped, but `highest` shows that it exists: the gap is then filled from history like any other. So a bound
 * costs a request and never a message.
 */
export class Reorder<T> {
  readonly #options: ReorderOptions<T>;
  readonly #waiting = new Map<number, T>();
  #bytes = 0;
  #position = 0;
  #highest = 0;

  constructor(options: ReorderOptions<T>) {
    this.#options = options;
  }

  /** Bytes of the items that wait, by `sizeOf`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The last number given out. */
  get position(): number {
    return this.#position;
  }

  /** The highest number known to exist. */
  get highest(): number {
    return this.#highest;
  }

  /** True when something is known to exist that cannot be given out yet. */
  get incomplete(): boolean {
    return this.#highest > this.#position;
  }

  /** The numbers right after the position that are not here; undefined when the next one is, or none is known. */
  get missing(): { from: number; to: number } | undefined {
    if (!this.incomplete || this.#waiting.has(this.#position + 1)) return undefined;
    let to = this.#highest;
    for (const number of this.#waiting.keys()) if (number <= to) to = number - 1;
    return { from: this.#position + 1, to };
  }

  /** Takes an item unless it is a repeat. False when it was forgotten because of the bounds. */
  offer(number: number, item: T): boolean {
    this.expect(number);
    if (number <= this.#position || this.#waiting.has(number)) return true;
    const { maxItems, maxBytes, sizeOf, keep } = this.#options;
    const size = sizeOf(item);
    // The next one in order always fits: it is taken out at once.
    const isNext = number === this.#position + 1;
    const full = this.#waiting.size >= maxItems || this.#bytes + size > maxBytes;
    if (full && !isNext) return false;
    this.#waiting.set(number, isNext || keep === undefined ? item : keep(item));
    this.#bytes += size;
    return true;
  }

  /** Notes that `number` exists. */
  expect(number: number): void {
    if (number > this.#highest) this.#highest = number;
  }

  /** The item after the position, if it is here. */
  peek(): T | undefined {
    return this.#waiting.get(this.#position + 1);
  }

  /** Gives out the item after the position. */
  shift(): T | undefined {
    const number = this.#position + 1;
    const item = this.#waiting.get(number);
    if (item === undefined) return undefined;
    this.#forget(number, item);
    this.#position = number;
    return item;
  }

  /** Moves the position forward: numbers up to `position` are known elsewhere, or can never come. */
  skipTo(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    this.expect(position);
    for (const [number, item] of this.#waiting) if (number <= position) this.#forget(number, item);
  }

  /** Starts anew at `position`, with nothing waiting. */
  reset(position: number): void {
    this.#waiting.clear();
    this.#bytes = 0;
    this.#position = position;
    this.#highest = position;
  }

  #forget(number: number, item: T): void {
    this.#waiting.delete(number);
    this.#bytes -= this.#options.sizeOf(item);
  }
}
