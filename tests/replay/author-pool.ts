import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@messagecore/kernel';
import { Author } from './author.ts';
import type { Person } from './population.ts';
import type { Recorder } from './recorder.ts';

const GIVE_UP_MS = 120_000;

/**
 * Connections of the authors who write at present. At most `limit` are open: the one used least recently is closed for
 * the next. Authors are spread over all gateways; when one does not answer, the next is tried.
 */
export class AuthorPool {
  readonly #gateways: readonly string[];
  readonly #limit: number;
  readonly #recorder: Recorder;
  /** In the order of their last use. */
  readonly #open = new Map<string, Promise<Author>>();
  readonly #everOpened = new Set<string>();
  #next = 0;

  constructor(gateways: readonly string[], limit: number, recorder: Recorder) {
    this.#gateways = gateways;
    this.#limit = limit;
    this.#recorder = recorder;
  }

  /** The author's connection, opened when there is none. @throws Error when no gateway took it for two minutes. */
  get(person: Person): Promise<Author> {
    const { userId } = person;
    const known = this.#open.get(userId);
    const author = known ?? this.#connect(person);
    this.#open.delete(userId);
    this.#open.set(userId, author);
    if (known === undefined) void this.#closeIdle();
    return author;
  }

  async close(): Promise<void> {
    const authors = await Promise.allSettled(this.#open.values());
    for (const author of authors) if (author.status === 'fulfilled') author.value.close();
  }

  async #connect({ userId, token }: Person): Promise<Author> {
    const backoff = new Backoff({ minMs: 50, maxMs: 1_000 });
    const deadline = performance.now() + GIVE_UP_MS;
    this.#recorder.authorConnects += 1;
    if (this.#everOpened.has(userId)) this.#recorder.authorReconnects += 1;
    this.#everOpened.add(userId);
    let choice = this.#next++;
    for (;;) {
      const gateway = this.#gateways[choice++ % this.#gateways.length] ?? '';
      try {
        return await Author.connect(gateway, token, () => this.#open.delete(userId));
      } catch (error) {
        if (performance.now() > deadline) {
          this.#open.delete(userId);
          throw error;
        }
        await sleep(backoff.next());
      }
    }
  }

  async #closeIdle(): Promise<void> {
    for (const [userId, opening] of this.#open) {
      if (this.#open.size <= this.#limit) return;
      const author = await opening.catch(() => undefined);
      if (author === undefined || !author.isIdle || this.#open.get(userId) !== opening) continue;
      this.#open.delete(userId);
      author.close();
    }
  }
}
