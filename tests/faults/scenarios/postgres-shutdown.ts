import type { Scenario } from '../scenario.ts';

export const postgresShutdown: Scenario = {
  name: 'postgres-shutdown',
  what: 'Immediate shutdown of PostgreSQL (SIGQUIT), then recovery from the log',
  async fault({ cluster, pause }) {
    await cluster.postgres.end('SIGQUIT');
    await pause(100, 1_500);
    await cluster.postgres.restart();
  },
};
