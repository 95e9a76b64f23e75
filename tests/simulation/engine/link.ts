import type { Chance } from './chance.ts';
import type { Simulator } from './simulator.ts';

/** Delays of a link, in milliseconds. */
export interface Pace {
  readonly min: number;
  readonly max: number;
  /** Share of what takes much longer, and how long at most. */
  readonly slowShare?: number;
  readonly slow?: number;
}

export function delayOf(chance: Chance, { min, max, slowShare = 0, slow = max }: Pace): number {
  return chance.hits(slowShare) ? chance.between(max, slow) : chance.between(min, max);
}

/** One direction of a connection: what is sent arrives in that order, after a while, unless it is cut before. */
export class Link {
  readonly #simulator: Simulator;
  readonly #chance: Chance;
  readonly #pace: () => Pace;
  #arrival = 0;
  #stalledUntil = 0;
  #line: (() => void)[] = [];

  constructor(simulator: Simulator, chance: Chance, pace: () => Pace) {
    this.#simulator = simulator;
    this.#chance = chance;
    this.#pace = pace;
  }

  send(arrive: () => void): void {
    this.#arrival = Math.max(this.#arrival, this.#simulator.now + delayOf(this.#chance, this.#pace()));
    const line = this.#line;
    line.push(arrive);
    // Whichever timer is due, the first in line arrives: sums of fractions do not decide the order.
    this.#simulator.after(this.#arrival - this.#simulator.now, () => line.shift()?.());
  }

  get stalled(): boolean {
    return this.#simulator.now < this.#stalledUntil;
  }

  /** Nothing arrives for so long; afterwards everything does. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#simulator.now + ms);
    this.#arrival = Math.max(this.#arrival, this.#stalledUntil);
  }

  /** What is in transit is lost. */
  cut(): void {
    this.#line.length = 0;
    this.#line = [];
    this.#arrival = 0;
  }
}
