import { RingBuffer } from '@messagecore/kernel';

/** Whose sessions a revocation ends: a whole tenant's, one user's, or those of one of the user's devices. */
export interface Revocation {
  readonly tid: string;
  readonly uid?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Far more than come while one token is verified. */
const KEPT = 1_000;

/**
 * The latest events that end sessions. An event finds the sessions that are open. A session whose token is being verified
 * is not among them, and the answer may be older than the event. So whoever opens a session notes `count` before asking
 * for the verification, and asks again when `affects` says that a later event may end this session. If the log has wrapped
 * since, the answer is yes.
 */
export class RevocationLog {
  readonly #recent = new RingBuffer<Revocation>(KEPT);
  #count = 0;

  /** How many revocations were added so far. */
  get count(): number {
    return this.#count;
  }

  add(revocation: Revocation): void {
    this.#recent.push(revocation);
    this.#count += 1;
  }

  /** True when a session of this user and device may be ended by what came after the first `count`. */
  affects(session: Required<Pick<Revocation, 'tid' | 'uid'>> & Revocation, count: number): boolean {
    const missed = this.#count - count;
    if (missed > this.#recent.length) return true;
    for (let back = 1; back <= missed; back += 1) if (isOf(session, this.#recent.at(-back))) return true;
    return false;
  }
}

function isOf(session: Revocation, revocation: Revocation | undefined): boolean {
  const matches = (named: string | undefined, own: string | undefined) => named === undefined || named === own;
  return (
    revocation?.tid === session.tid &&
    matches(revocation.uid, session.uid) &&
    matches(revocation.clientId, session.clientId)
  );
}
