import type { Part } from '../cluster/part.ts';
import type { Scenario } from '../scenario.ts';

export const storm: Scenario = {
  name: 'storm',
  what: 'Five times in a row something is killed or stopped at random, the next before the last has recovered',
  restWithinMs: 40_000,
  async fault({ cluster, pause, pick, random }) {
    const recoveries: Promise<void>[] = [];
    const down = new Set<Part>();
    for (let blow = 0; blow < 5; blow += 1) {
      const victim = pick(cluster.parts.filter((part) => !down.has(part)));
      down.add(victim);
      if (random() < 0.5) {
        await victim.kill();
        recoveries.push(
          pause(100, 1_500)
            .then(() => victim.restart())
            .then(() => void down.delete(victim)),
        );
      } else {
        victim.pause();
        recoveries.push(
          pause(300, 2_000).then(() => {
            victim.resume();
            down.delete(victim);
          }),
        );
      }
      await pause(50, 800);
    }
    await Promise.all(recoveries);
  },
};
