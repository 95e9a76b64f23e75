import type { Scenario } from '../scenario.ts';

export const chatServiceNatsPartition: Scenario = {
  name: 'chat-service-nats-partition',
  what: 'Nothing gets through between a chat-service and NATS for one to five seconds, then everything does',
  cluster: { wired: true },
  async fault({ cluster, pause, pick }) {
    const wires = cluster.links.of('chat-service-nats', pick([0, 1]));
    wires.set({ held: true });
    await pause(1_000, 5_000);
    wires.set({});
  },
};
