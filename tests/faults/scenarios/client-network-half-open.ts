import type { Scenario } from '../scenario.ts';

export const clientNetworkHalfOpen: Scenario = {
  name: 'client-network-half-open',
  what: 'All connections of clients fall silent without being closed; the gateways keep the dead sessions',
  cluster: { wired: true },
  async fault({ cluster, pause }) {
    cluster.links.of('client-gateway').forget();
    await pause(3_500, 4_500);
  },
};
