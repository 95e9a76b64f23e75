import { Semaphore } from '@messagecore/kernel';

/** Joins of one user that are asked about at once, over all sessions; further ones wait, so that others' need not. */
const ASKED = 128;

/**
 * Lets so many joins of each user be asked about at once. All users' joins share one queue to chat-services: so nobody
 * waits there behind more than these of any other user, whatever that one resumes and in however many sessions.
 */
export class JoinTurns {
  readonly #users = new Map<string, Semaphore>();

  /** Users with joins under way. */
  get size(): number {
    return this.#users.size;
  }

  /** Settles when it is the user's turn; `end` must follow. */
  begin(userId: string): Promise<void> | undefined {
    const turns = this.#users.get(userId) ?? new Semaphore(ASKED);
    this.#users.set(userId, turns);
    return turns.enter();
  }

  end(userId: string): void {
    const turns = this.#users.get(userId);
    turns?.leave();
    if (turns?.isIdle === true) this.#users.delete(userId);
  }
}
