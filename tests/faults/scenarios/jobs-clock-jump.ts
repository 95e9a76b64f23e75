import { unableToShim } from '../cluster/shim.ts';
import type { Scenario } from '../scenario.ts';
import { checkTrial } from '../trial.ts';

const TEN_MINUTES_MS = 10 * 60_000;

export const jobsClockJump: Scenario = {
  name: 'jobs-clock-jump',
  what: 'The clocks of the processes that run jobs jump back and forth by up to ten minutes, each by itself',
  cluster: { background: true, shim: true },
  unable: unableToShim,
  async fault(trouble) {
    const { cluster, pause, random } = trouble;
    checkTrial(trouble);
    for (let jump = 0; jump < 4; jump += 1) {
      for (const clock of cluster.shims?.backgroundClocks ?? []) clock.shiftClock((2 * random() - 1) * TEN_MINUTES_MS);
      await pause(1_000, 3_000);
    }
  },
};
