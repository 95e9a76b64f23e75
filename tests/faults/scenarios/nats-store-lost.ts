import type { Scenario } from '../scenario.ts';

export const natsStoreLost: Scenario = {
  name: 'nats-store-lost',
  what: 'SIGKILL of NATS, which comes back with an empty store',
  async fault({ cluster, pause }) {
    await cluster.nats.kill();
    await cluster.nats.server.wipeStore();
    await pause(100, 1_000);
    await cluster.nats.restart();
  },
};
