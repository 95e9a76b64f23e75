/** Removals that are remembered; of more the oldest is forgotten, and may then be sent twice. */
const REMEMBERED = 1_000;

/** Conversations whose room has told the session of its removal, until the user's own event says it once more. */
export class Removals {
  readonly #cids = new Set<string>();

  add(cid: string): void {
    this.#cids.add(cid);
    const [oldest] = this.#cids;
    if (this.#cids.size > REMEMBERED && oldest !== undefined) this.#cids.delete(oldest);
  }

  /** Whether the removal was remembered; it is forgotten now. */
  take(cid: string): boolean {
    return this.#cids.delete(cid);
  }
}
