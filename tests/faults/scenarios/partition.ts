import type { Scenario } from '../scenario.ts';

export const partition: Scenario = {
  name: 'partition',
  what: 'One gateway or one chat-service is cut off from every server for one to five seconds; clients still reach it',
  cluster: { wired: true },
  async fault({ cluster, pause, pick }) {
    const wires = cluster.links.from(pick(['gateway', 'chat-service']), pick([0, 1]));
    wires.set({ held: true });
    await pause(1_000, 5_000);
    wires.set({});
  },
};
