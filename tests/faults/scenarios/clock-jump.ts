import { unableToShim } from '../cluster/shim.ts';
import type { Scenario } from '../scenario.ts';

const TEN_MINUTES_MS = 10 * 60_000;

export const clockJump: Scenario = {
  name: 'clock-jump',
  what: 'The clock of one chat-service jumps back and forth by up to ten minutes',
  cluster: { shim: true },
  unable: unableToShim,
  async fault({ cluster, pause, random }) {
    for (let jump = 0; jump < 4; jump += 1) {
      cluster.shims?.clock.shiftClock((2 * random() - 1) * TEN_MINUTES_MS);
      await pause(300, 900);
    }
  },
};
