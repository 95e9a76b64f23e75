import { unableToShim } from '../cluster/shim.ts';
import { checkLaters } from '../later-judged.ts';
import type { Scenario } from '../scenario.ts';

const TEN_MINUTES_MS = 10 * 60_000;

export const scheduled: Scenario = {
  name: 'scheduled',
  what: 'Scheduled messages and reminders come due while what sends them, and PostgreSQL, are killed in turn and clocks jump by up to ten minutes',
  cluster: { background: true, shim: true },
  restWithinMs: 40_000,
  unable: unableToShim,
  async fault(trouble) {
    const { cluster, pause, pick, random } = trouble;
    await checkLaters(trouble);
    for (let blow = 0; blow < 6; blow += 1) {
      for (const clock of cluster.shims?.backgroundClocks ?? []) clock.shiftClock((2 * random() - 1) * TEN_MINUTES_MS);
      await pause(300, 1_800);
      const victims = random() < 0.25 ? [cluster.postgres] : [pick(cluster.background)];
      if (random() < 0.3) victims.push(...cluster.background.filter((part) => !victims.includes(part)));
      await Promise.all(victims.map((victim) => victim.kill()));
      await pause(50, 600);
      for (const victim of victims) await victim.restart();
    }
  },
};
