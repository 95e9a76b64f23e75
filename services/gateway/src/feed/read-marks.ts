import { Signal } from '../egress/block.ts';

/** Users whose position a room remembers; beyond it the one that has not moved for longest is forgotten. */
const REMEMBERED = 4_096;

interface Mark {
  readonly pos: number;
  /** Number of the report. */
  readonly number: number;
}

/**
 * How far users have read, as far as the bus has said while the room is held.
 *
 * Reports are numbered in the order in which they were heard, and of one user only the furthest counts. So a session that
 * was joining, catching up or lagging while positions moved is told what it lacks, and reports that come together leave
 * together. The numbers are this gateway's own.
 */
export class ReadMarks {
  readonly #cid: string;
  /** The latest report comes last. */
  readonly #marks = new Map<string, Mark>();
  #news = new Map<string, Mark>();
  #heard = 0;
  #taken = 0;

  constructor(cid: string) {
    this.#cid = cid;
  }

  /** Number of the last report that was taken. */
  get taken(): number {
    return this.#taken;
  }

  hear(userId: string, pos: number): void {
    const known = this.#news.get(userId) ?? this.#marks.get(userId);
    if (known !== undefined && known.pos >= pos) return;
    this.#heard += 1;
    this.#news.set(userId, { pos, number: this.#heard });
  }

  /** What was heard since it was last asked. */
  take(): readonly Signal[] {
    if (this.#news.size === 0) return [];
    const news = this.#news;
    this.#news = new Map();
    for (const [userId, mark] of news) {
      this.#marks.delete(userId);
      this.#marks.set(userId, mark);
    }
    this.#taken = this.#heard;
    for (const userId of this.#marks.keys()) {
      if (this.#marks.size <= REMEMBERED) break;
      this.#marks.delete(userId);
    }
    return [...news].map(([userId, { pos }]) => this.#signal(userId, pos));
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
