import type { Scenario } from '../scenario.ts';

export const chatServicePaused: Scenario = {
  name: 'chat-service-paused',
  what: 'SIGSTOP of a chat-service for one to four seconds',
  async fault({ cluster, pick, pause }) {
    const victim = pick(cluster.chatServices);
    victim.pause();
    await pause(1_000, 4_000);
    victim.resume();
  },
};
