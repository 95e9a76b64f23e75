/**
 * Tells messages that cannot be read from those that were lost. Both leave a hole; but in a replay, which comes in order
 * over one connection, a hole is what could not be read. Asked for a second time in vain, it is passed over.
 */
export class UnreadableMessages {
  /** Frames of this connection that could not be read so far. */
  readonly #count: () => number;
  /** The latest answered join: where its replay begins, and what could not be read by then. */
  #replay: { readonly since: number; readonly unreadable: number } | undefined;
  /** Where something was missing when it was last asked for. */
  #missedAt: number | undefined;

  constructor(count: () => number) {
    this.#count = count;
  }

  /** What comes after `since` is missing and is asked for. */
  missed(since: number | undefined): void {
    this.#missedAt = since;
  }

  /** A replay from `since` begins. */
  replayFrom(since: number): void {
    this.#replay = { since, unreadable: this.#count() };
  }

  /** No replay is under way. */
  stop(): void {
    this.#replay = undefined;
  }

  /** Whether all messages from the one after `since` up to `to` came, twice, in a form that cannot be read. */
  areAll(since: number | undefined, to: number): boolean {
    if (since === undefined || since !== this.#missedAt || since !== this.#replay?.since) return false;
    return to > since && this.#count() - this.#replay.unreadable >= to - since;
  }
}
