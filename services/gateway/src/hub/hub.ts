import { type Clock, Gathering, systemClock } from '@messagecore/kernel';
import type { FlushScheduler } from '../egress/flush-scheduler.ts';
import { Audience, type Source } from './audience.ts';

/** Members served in one turn of the event loop, about 2 ms of work; then others have theirs. */
const SLICE = 512;
/** Members from which on what a busy room says is gathered: each frame by itself is a system call for each of them. */
const LARGE = 64;
/** Nobody is told later for that. */
const GATHER_MS = 12;
/** A window that brings one more in two or three spares each member some writes. */
const PAYS = { wouldPay: 1.6, pays: 1.3 };

/**
 * Fan-out: every turn the rooms with new frames take turns in serving their members, `SLICE` members a turn together,
 * so that the largest room delays nobody by more than a slice. What a large and busy room says within `GATHER_MS` is one write
 * for each member (decision 97).
 */
export class Hub {
  readonly #scheduler: FlushScheduler;
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  #ready: Audience[] = [];

  constructor(scheduler: FlushScheduler, clock: Pick<Clock, 'monotonic' | 'setTimeout'> = systemClock) {
    this.#scheduler = scheduler;
    this.#clock = clock;
    scheduler.runBeforeFlush(() => this.#run());
  }

  open(source: Source): Audience {
    return new Audience(source, this.#onReady);
  }

  readonly #onReady = (audience: Audience): void => {
    if (audience.queued) return;
    if (audience.size < LARGE) return this.#enqueue(audience);
    audience.gathering ??= new Gathering({
      clock: this.#clock,
      windowMs: GATHER_MS,
      defer: (fn) => fn(),
      ...PAYS,
    });
    audience.gathering.defer(() => this.#enqueue(audience));
  };

  #enqueue(audience: Audience): void {
    if (audience.queued) return;
    audience.queued = true;
    this.#ready.push(audience);
    this.#scheduler.schedule();
  }

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
      if (unfinished) this.#enqueue(audience);
    }
    // Those that had no turn go first in the next one.
    if (next < round.length) this.#ready = [...round.slice(next), ...this.#ready];
    if (this.#ready.length > 0) this.#scheduler.schedule();
  }
}
