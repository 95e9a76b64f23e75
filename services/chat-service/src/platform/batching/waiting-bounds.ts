/** What one of several owners may have waiting: at most this part of what is still free for all. */
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
 * Bounds what waits, for all together and for each owner by dynamic thresholds (Choudhury and Hahne, 1998): an owner is let
 * in while it has less waiting than its part of what is free. However much one asks for, there is room for the next.
 *
 * An item is let in as long as there is any room, so that no smaller one of the same owner is let in behind a larger one
 * that was refused.
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
