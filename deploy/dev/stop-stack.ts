import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@messagecore/dev-servers';

/**
 * What was started, to be stopped in reverse, so that everything still finds what it was built on. Each stop has a
 * deadline; one that fails or is late is reported and does not keep the others from stopping.
 */
export class StopStack {
  readonly #note: Log;
  readonly #stops: { name: string; stop: () => Promise<unknown> }[] = [];
  readonly #deadlineMs: number;

  constructor(note: Log, deadlineMs: number) {
    this.#note = note;
    this.#deadlineMs = deadlineMs;
  }

  push(name: string, stop: () => Promise<unknown>): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything pushed so far. True when all of it stopped in time. Never rejects. */
  async run(): Promise<boolean> {
    let clean = true;
    for (let last = this.#stops.pop(); last !== undefined; last = this.#stops.pop()) {
      clean = (await this.#stopOne(last.name, last.stop)) && clean;
    }
    return clean;
  }

  async #stopOne(name: string, stop: () => Promise<unknown>): Promise<boolean> {
    const inTime = new AbortController();
    const timeUp = sleep(this.#deadlineMs, undefined, { signal: inTime.signal }).then(() => {
      throw new Error(`still running after ${this.#deadlineMs / 1000} s`);
    });
    try {
      await Promise.race([stop(), timeUp]);
      return true;
    } catch (error) {
      this.#note(`${name} did not stop: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    } finally {
      timeUp.catch(() => {});
      inTime.abort();
    }
  }
}
