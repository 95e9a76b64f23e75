import type { Scenario } from '../scenario.ts';

export const gatewayNatsCut: Scenario = {
  name: 'gateway-nats-cut',
  what: 'Connections of gateways to NATS break again and again; between two breaks none can be made for a moment',
  cluster: { wired: true },
  async fault({ cluster, pause, pick }) {
    for (let cut = 0; cut < 4; cut += 1) {
      const wires = cluster.links.of('gateway-nats', pick([0, 1]));
      wires.set({ refuse: true });
      wires.cut();
      await pause(50, 400);
      wires.set({});
      await pause(50, 600);
    }
  },
};
