import type { Scenario } from '../scenario.ts';

export const gatewayKilled: Scenario = {
  name: 'gateway-killed',
  what: 'SIGKILL of a gateway that comes back after a moment',
  async fault({ cluster, pick, pause }) {
    const victim = pick(cluster.gateways);
    await victim.kill();
    await pause(300, 1_500);
    await victim.restart();
  },
};
