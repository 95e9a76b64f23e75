import type { Scenario } from '../scenario.ts';

export const natsKilled: Scenario = {
  name: 'nats-killed',
  what: 'SIGKILL of NATS that comes back with its store',
  async fault({ cluster, pause }) {
    const victim = cluster.nats;
    await victim.kill();
    await pause(100, 1_500);
    await victim.restart();
  },
};
