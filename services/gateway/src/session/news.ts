import { RingBuffer } from '@messagecore/kernel';

/** Whose sessions: a whole tenant's, one user's, or those of one of the user's devices. */
export interface Concerned {
  readonly tid: string;
  readonly uid?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Pieces of news that are remembered, far more than come while a question is under way. */
const REMEMBERED = 1_000;

/**
 * What was said of late that ends sessions. It finds those that are open; one whose token is being verified meanwhile is
 * not, and the answer may be older than the news. So whoever opens a session counts the news before asking, and asks
 * again when some of what came since concerns it. Of what is forgotten already, everything may.
 */
export class News {
  readonly #recent = new RingBuffer<Concerned>(REMEMBERED);
  #count = 0;

  /** How much news there was until now. */
  get count(): number {
    return this.#count;
  }

  add(concerned: Concerned): void {
    this.#recent.push(concerned);
    this.#count += 1;
  }

  /** True when a session of this user and device may be ended by what came after the first `count`. */
  concerns(session: Required<Pick<Concerned, 'tid' | 'uid'>> & Concerned, count: number): boolean {
    const missed = this.#count - count;
    if (missed > this.#recent.length) return true;
    for (let back = 1; back <= missed; back += 1) if (isOf(session, this.#recent.at(-back))) return true;
    return false;
  }
}

function isOf(session: Concerned, news: Concerned | undefined): boolean {
  const is = (said: string | undefined, own: string | undefined) => said === undefined || said === own;
  return news?.tid === session.tid && is(news.uid, session.uid) && is(news.clientId, session.clientId);
}
