/** Joins of one user that are asked about at once, over all sessions; further ones wait, so that others' need not. */
const ASKED = 128;

interface Turns {
  asked: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets so many joins of each user be asked about at once. All users' joins share one queue to chat-services: so nobody
 * waits there behind more than these of any other user, whatever that one resumes and in however many sessions.
 */
export class JoinTurns {
  readonly #users = new Map<string, Turns>();

  /** Users with joins under way. */
  get size(): number {
    return this.#users.size;
  }

  /** Settles when it is the user's turn; `end` must follow. */
  begin(userId: string): Promise<void> | undefined {
    const turns = this.#users.get(userId) ?? { asked: 0, waiting: [] };
    this.#users.set(userId, turns);
    if (turns.asked >= ASKED) return new Promise((resolve) => turns.waiting.push(resolve));
    turns.asked += 1;
    return undefined;
  }

  end(userId: string): void {
    const turns = this.#users.get(userId);
    if (turns === undefined) return;
    const next = turns.waiting.shift();
    if (next !== undefined) return next();
    turns.asked -= 1;
    if (turns.asked === 0) this.#users.delete(userId);
  }
}
