/**
 * Makes a refusal because of a rate (LIM-5) take its time. The peer's connections are busy until it is answered, so that
 * one who asks again at once, on as many connections as may be, gets few refusals a second; they cost next to nothing else.
 * Refusals that were held back together are answered in turns.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import type { InTurn } from './turns.ts';

const HOLD_MS = 500;
/** Refusals held back at once; further ones are answered without delay. */
const HELD = 1_000;

export function createHoldBack(inTurn: InTurn, clock: Clock = systemClock) {
  let held = 0;
  return async (): Promise<void> => {
    if (held >= HELD) return;
    held += 1;
    await sleep(HOLD_MS, clock);
    held -= 1;
    await new Promise<void>(inTurn);
  };
}
