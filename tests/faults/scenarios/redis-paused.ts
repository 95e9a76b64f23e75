import type { Scenario } from '../scenario.ts';

export const redisPaused: Scenario = {
  name: 'redis-paused',
  what: 'SIGSTOP of Redis for one to four seconds',
  async fault({ cluster, pause }) {
    const victim = cluster.redis;
    victim.pause();
    await pause(1_000, 4_000);
    victim.resume();
  },
};
