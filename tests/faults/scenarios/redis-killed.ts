import type { Scenario } from '../scenario.ts';

export const redisKilled: Scenario = {
  name: 'redis-killed',
  what: 'SIGKILL of Redis, which forgets everything',
  async fault({ cluster, pause }) {
    const victim = cluster.redis;
    await victim.kill();
    await pause(300, 1_500);
    await victim.restart();
  },
};
