import type { Scenario } from '../scenario.ts';

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  what: 'Every gateway and chat-service is restarted in turn (SIGTERM) at 1,000 messages a second',
  load: { perSecond: 1_000, clients: 4, backEnds: 1, rooms: 8, outbox: 4_000, cutEveryMs: Number.POSITIVE_INFINITY },
  alone: true,
  async fault({ cluster, pause }) {
    for (const part of [...cluster.gateways, ...cluster.chatServices]) {
      await part.restart();
      await pause(300);
    }
  },
};
