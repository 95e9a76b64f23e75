import type { Scenario } from '../scenario.ts';

export const chatServiceKilled: Scenario = {
  name: 'chat-service-killed',
  what: 'SIGKILL of a chat-service that comes back after a moment',
  async fault({ cluster, pick, pause }) {
    const victim = pick(cluster.chatServices);
    await victim.kill();
    await pause(300, 1_500);
    await victim.restart();
  },
};
