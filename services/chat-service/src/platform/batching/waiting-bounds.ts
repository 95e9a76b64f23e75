/** The part of the free space that one owner may use. */
export interface Share<I> {
  readonly of: (item: I) => string;
  readonly part: number;
}

export interface WaitingBoundsOptions<I> {
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  readonly shares?: readonly Share<I>[];
}

interface Amount {
  items: number;
  bytes: number;
}

/**
 * Bounds a queue in total, and for each owner by dynamic thresholds (Choudhury and Hahne, 1998): an owner may add items
 * while it has less queued than its part of the free space. So one owner never takes all of it.
 *
 * An item is admitted as long as there is any space, whatever its size, so that no smaller item of an owner is admitted
 * after a larger one was refused.
 */
export class WaitingBounds<I> {
  readonly #options: WaitingBoundsOptions<I>;
  readonly #all: Amount = { items: 0, bytes: 0 };
  readonly #owners: readonly { readonly share: Share<I>; readonly amounts: Map<string, Amount> }[];

  constructor(options: WaitingBoundsOptions<I>) {
    this.#options = options;
    this.#owners = (options.shares ?? []).map((share) => ({ share, amounts: new Map<string, Amount>() }));
  }

  admits(item: I): boolean {
    const items = this.#options.maxPending - this.#all.items;
    const bytes = this.#options.maxPendingBytes - this.#all.bytes;
    if (items <= 0 || bytes <= 0) return false;
    return this.#owners.every(({ share, amounts }) => {
      const own = amounts.get(share.of(item));
      return own === undefined || (own.items < items * share.part && own.bytes < bytes * share.part);
    });
  }

  add(item: I, bytes: number): void {
    this.#change(item, 1, bytes);
  }

  remove(item: I, bytes: number): void {
    this.#change(item, -1, -bytes);
  }

  #change(item: I, items: number, bytes: number): void {
    this.#all.items += items;
    this.#all.bytes += bytes;
    for (const { share, amounts } of this.#owners) {
      const owner = share.of(item);
      const own = amounts.get(owner);
      if (own === undefined) {
        amounts.set(owner, { items, bytes });
        continue;
      }
      own.items += items;
      own.bytes += bytes;
      if (own.items === 0) amounts.delete(owner);
    }
  }
}
