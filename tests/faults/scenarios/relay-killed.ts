import { relayAtWork } from '../cluster/relay-lease.ts';
import type { Scenario } from '../scenario.ts';

export const relayKilled: Scenario = {
  name: 'relay-killed',
  what: 'NATS stalls until a backlog has built up; then the chat-service that relays it is killed at work',
  async fault({ cluster, pause, pick }) {
    cluster.nats.pause();
    await pause(1_500, 2_500);
    cluster.nats.resume();
    const victim = (await relayAtWork(cluster)) ?? pick(cluster.chatServices);
    await victim.kill();
    await pause(300, 1_000);
    await victim.restart();
  },
};
