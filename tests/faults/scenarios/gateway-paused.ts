import type { Scenario } from '../scenario.ts';

export const gatewayPaused: Scenario = {
  name: 'gateway-paused',
  what: 'SIGSTOP of a gateway for one to four seconds',
  async fault({ cluster, pick, pause }) {
    const victim = pick(cluster.gateways);
    victim.pause();
    await pause(1_000, 4_000);
    victim.resume();
  },
};
