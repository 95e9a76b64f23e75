import { checkAudit } from '../audited.ts';
import { checkPurged, deleteAll, makeDoomed } from '../purge.ts';
import type { Scenario } from '../scenario.ts';
import { checkTrial } from '../trial.ts';

const CONVERSATIONS = 3;

export const sagasKilled: Scenario = {
  name: 'sagas-killed',
  what: 'Large conversations are purged while the processes that do it, and PostgreSQL, are killed in turn',
  cluster: { background: true },
  restWithinMs: 40_000,
  async fault(trouble) {
    const { cluster, pause, pick, random } = trouble;
    const doomed = await makeDoomed(trouble, CONVERSATIONS);
    checkTrial(trouble);
    await checkAudit(trouble);
    await deleteAll(trouble, doomed);
    checkPurged(trouble, doomed);
    for (let blow = 0; blow < 5; blow += 1) {
      await pause(100, 1_200);
      const victims = random() < 0.4 ? [cluster.postgres] : [pick(cluster.background)];
      if (random() < 0.2) victims.push(...cluster.background.filter((part) => !victims.includes(part)));
      await Promise.all(victims.map((victim) => victim.kill()));
      await pause(50, 600);
      for (const victim of victims) await victim.restart();
    }
  },
};
