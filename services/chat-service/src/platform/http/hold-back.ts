/**
 * Makes a refusal because of a rate (LIM-5) take its time. The peer's connections are busy until it is answered, so that
 * one who asks again at once, on as many connections as may be, gets few refusals a second; they cost next to nothing else.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';

const HOLD_MS = 500;
/** Refusals held back at once; further ones are answered without delay. */
const HELD = 1_000;

export function createHoldBack(clock: Clock = systemClock) {
  let held = 0;
  return async (): Promise<void> => {
    if (held >= HELD) return;
    held += 1;
    await sleep(HOLD_MS, clock);
    held -= 1;
  };
}
