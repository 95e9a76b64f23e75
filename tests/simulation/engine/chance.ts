import type { Random } from '@messagecore/kernel';
import { pickInt, seededRandom } from '@messagecore/testkit';

/**
 * Randomness for one concern, drawn from the seed and the concern's name: leaving a step out of a plan moves the draws of the
 * others as little as possible, which is what makes minimising work.
 */
export class Chance {
  readonly random: Random;

  constructor(seed: number, concern: string) {
    this.random = seededRandom(hash(`${seed} ${concern}`));
  }

  /** True with probability `share`. */
  hits(share: number): boolean {
    return share > 0 && this.random() < share;
  }

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    return pickInt(this.random, min, max);
  }

  between(min: number, max: number): number {
    return min + this.random() * (max - min);
  }

  of<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)] as T;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return state >>> 0;
}
