import type { Scenario } from '../scenario.ts';

export const postgresKilled: Scenario = {
  name: 'postgres-killed',
  what: 'SIGKILL of PostgreSQL and its back ends, then recovery from the log',
  async fault({ cluster, pause }) {
    const victim = cluster.postgres;
    await victim.kill();
    await pause(100, 1_000);
    await victim.restart();
  },
};
