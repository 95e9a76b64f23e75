import type { Scenario } from '../scenario.ts';
import { checkUsage } from '../usage.ts';

export const consumersKilled: Scenario = {
  name: 'consumers-killed',
  what: 'Processes that run consumers are killed under load, now one, now both',
  cluster: { background: true },
  async fault(trouble) {
    const { cluster, pause, pick, random } = trouble;
    checkUsage(trouble);
    for (let blow = 0; blow < 4; blow += 1) {
      await pause(200, 1_500);
      const victims = random() < 0.3 ? cluster.background : [pick(cluster.background)];
      await Promise.all(victims.map((victim) => victim.kill()));
      await pause(50, 1_000);
      await Promise.all(victims.map((victim) => victim.restart()));
    }
  },
};
