import type { Scenario } from '../scenario.ts';

export const chatServiceRedisPartition: Scenario = {
  name: 'chat-service-redis-partition',
  what: 'Nothing gets through between a chat-service and Redis for one to five seconds, then everything does',
  cluster: { wired: true },
  async fault({ cluster, pause, pick }) {
    const wires = cluster.links.of('chat-service-redis', pick([0, 1]));
    wires.set({ held: true });
    await pause(1_000, 5_000);
    wires.set({});
  },
};
