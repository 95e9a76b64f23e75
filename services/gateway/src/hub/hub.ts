import type { FlushScheduler } from '../egress/flush-scheduler.ts';
import { Audience, type Source } from './audience.ts';

/** Members served in one turn of the event loop, about 2 ms of work; then others have theirs. */
const SLICE = 512;

/**
 * Fan-out: every turn the rooms with new frames take turns in serving their members, `SLICE` members a turn together,
 * so that the largest room delays nobody by more than a slice.
 */
export class Hub {
  readonly #scheduler: FlushScheduler;
  #ready: Audience[] = [];

  constructor(scheduler: FlushScheduler) {
    this.#scheduler = scheduler;
    scheduler.runBeforeFlush(() => this.#run());
  }

  open(source: Source): Audience {
    return new Audience(source, this.#onReady);
  }

  readonly #onReady = (audience: Audience): void => {
    if (audience.queued) return;
    audience.queued = true;
    this.#ready.push(audience);
    this.#scheduler.schedule();
  };

  #run(): void {
    const round = this.#ready;
    this.#ready = [];
    let left = SLICE;
    let next = 0;
    for (; next < round.length && left > 0; next += 1) {
      const audience = round[next] as Audience;
      const served = audience.run(left);
      const unfinished = served >= left;
      left -= served;
      audience.queued = false;
      if (unfinished) this.#onReady(audience);
    }
    // Those that had no turn go first in the next one.
    if (next < round.length) this.#ready = [...round.slice(next), ...this.#ready];
    if (this.#ready.length > 0) this.#scheduler.schedule();
  }
}
