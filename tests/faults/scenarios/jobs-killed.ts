import type { Scenario } from '../scenario.ts';
import { checkTrial } from '../trial.ts';

export const jobsKilled: Scenario = {
  name: 'jobs-killed',
  what: 'Processes that run jobs, schedules and sagas are killed at work, now one, now both',
  cluster: { background: true },
  async fault(trouble) {
    const { cluster, pause, pick, random } = trouble;
    checkTrial(trouble);
    for (let blow = 0; blow < 4; blow += 1) {
      await pause(500, 2_500);
      const victims = random() < 0.3 ? cluster.background : [pick(cluster.background)];
      await Promise.all(victims.map((victim) => victim.kill()));
      await pause(50, 600);
      await Promise.all(victims.map((victim) => victim.restart()));
    }
  },
};
