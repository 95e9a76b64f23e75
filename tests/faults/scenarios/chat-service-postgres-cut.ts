import type { Scenario } from '../scenario.ts';

export const chatServicePostgresCut: Scenario = {
  name: 'chat-service-postgres-cut',
  what: 'Connections of chat-services to PostgreSQL break again and again; between two breaks none can be made for a moment',
  cluster: { wired: true },
  async fault({ cluster, pause, pick }) {
    for (let cut = 0; cut < 4; cut += 1) {
      const wires = cluster.links.of('chat-service-postgres', pick([0, 1]));
      wires.set({ refuse: true });
      wires.cut();
      await pause(50, 400);
      wires.set({});
      await pause(50, 600);
    }
  },
};
