import type { Scenario } from '../scenario.ts';

export const rollingRestartServers: Scenario = {
  name: 'rolling-restart-servers',
  what: 'Redis, NATS and PostgreSQL are restarted in turn, politely',
  async fault({ cluster, pause }) {
    for (const part of [cluster.redis, cluster.nats, cluster.postgres]) {
      await part.restart();
      await pause(200, 600);
    }
  },
};
