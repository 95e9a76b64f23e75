import type { Scenario } from '../scenario.ts';

export const postgresPaused: Scenario = {
  name: 'postgres-paused',
  what: 'SIGSTOP of PostgreSQL and its back ends for one to four seconds',
  async fault({ cluster, pause }) {
    const victim = cluster.postgres;
    victim.pause();
    await pause(1_000, 4_000);
    victim.resume();
  },
};
