import type { Scenario } from '../scenario.ts';

export const clientNetworkCut: Scenario = {
  name: 'client-network-cut',
  what: 'All connections of clients break, four times in a row',
  cluster: { wired: true },
  async fault({ cluster, pause }) {
    for (let cut = 0; cut < 4; cut += 1) {
      cluster.links.of('client-gateway').cut();
      await pause(100, 600);
    }
  },
};
