import { unableToShim } from '../cluster/shim.ts';
import type { Scenario } from '../scenario.ts';

export const diskSlow: Scenario = {
  name: 'disk-slow',
  what: "Every fsync of PostgreSQL's takes 50 to 500 ms longer for some seconds",
  cluster: { shim: true },
  unable: unableToShim,
  async fault({ cluster, pause, random }) {
    for (let spell = 0; spell < 3; spell += 1) {
      cluster.shims?.disk.slowDisk(50 + random() * 450);
      await pause(500, 1_500);
      cluster.shims?.disk.slowDisk(0);
      await pause(0, 300);
    }
  },
};
