import { Signal } from '../egress/block.ts';

/** Users whose position a room remembers; beyond it the least recently moved one is dropped. */
const MAX_USERS = 4_096;
/** Users whose report is waiting to be sent; beyond it the oldest report is dropped. */
const MAX_WAITING = 16_384;
/** Approximate memory of one position. */
const MARK_BYTES = 160;

interface Mark {
  readonly pos: number;
  /** In the order of telling. */
  readonly number: number;
}

/**
 * Read positions of users, as received from the bus while the room is held.
 *
 * Of one user only the furthest report counts, and reports are numbered in the order in which they are taken to be
 * told. So a session that was joining, catching up or lagging while positions moved gets the reports that it missed,
 * and reports that arrive together are sent together. The numbers are this gateway's own.
 */
export class ReadMarks {
  readonly #cid: string;
  /** The latest report comes last. */
  readonly #marks = new Map<string, Mark>();
  /** Positions that were not told yet; who has waited for longest comes first. */
  readonly #waiting = new Map<string, number>();
  #taken = 0;

  constructor(cid: string) {
    this.#cid = cid;
  }

  /** Number of the last report that was taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Users whose report waits to be taken. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Memory that it takes, about. */
  get bytes(): number {
    return (this.#marks.size + this.#waiting.size) * MARK_BYTES;
  }

  add(userId: string, pos: number): void {
    const known = this.#waiting.get(userId) ?? this.#marks.get(userId)?.pos;
    if (known !== undefined && known >= pos) return;
    this.#waiting.set(userId, pos);
    const [longest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && longest !== undefined) this.#waiting.delete(longest);
  }

  /** The reports since the last call, of at most `limit` users. */
  take(limit = Number.POSITIVE_INFINITY): readonly Signal[] {
    const taken: Signal[] = [];
    for (const [userId, pos] of this.#waiting) {
      if (taken.length >= limit) break;
      this.#waiting.delete(userId);
      this.#marks.delete(userId);
      this.#marks.set(userId, { pos, number: (this.#taken += 1) });
      taken.push(this.#signal(userId, pos));
    }
    for (const userId of this.#marks.keys()) {
      if (this.#marks.size <= MAX_USERS) break;
      this.#marks.delete(userId);
    }
    return taken;
  }

  /** Forgets reports up to this number: everybody has got them. */
  forgetUpTo(number: number): void {
    for (const [userId, mark] of this.#marks) {
      if (mark.number > number) return;
      this.#marks.delete(userId);
    }
  }

  /** What was taken after this report. */
  after(number: number): readonly Signal[] {
    if (number >= this.#taken) return [];
    return [...this.#marks]
      .filter(([, mark]) => mark.number > number)
      .map(([userId, { pos }]) => this.#signal(userId, pos));
  }

  #signal(from: string, pos: number): Signal {
    return new Signal(this.#cid, { t: 'read', cid: this.#cid, pos, from });
  }
}
