import type { Chance } from './chance.ts';
import type { World } from './world.ts';

/** How long things take on a way, in milliseconds. */
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
  readonly #world: World;
  readonly #chance: Chance;
  readonly #pace: () => Pace;
  #arrival = 0;
  #generation = 0;

  constructor(world: World, chance: Chance, pace: () => Pace) {
    this.#world = world;
    this.#chance = chance;
    this.#pace = pace;
  }

  send(arrive: () => void): void {
    this.#arrival = Math.max(this.#arrival, this.#world.now + delayOf(this.#chance, this.#pace()));
    const generation = this.#generation;
    this.#world.clock.setTimeout(() => {
      if (generation === this.#generation) arrive();
    }, this.#arrival - this.#world.now);
  }

  /** Nothing arrives for so long; afterwards everything does. */
  stall(ms: number): void {
    this.#arrival = Math.max(this.#arrival, this.#world.now + ms);
  }

  /** What is on its way is lost. */
  cut(): void {
    this.#generation += 1;
    this.#arrival = 0;
  }
}
