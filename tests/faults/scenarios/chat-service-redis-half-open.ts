import type { Scenario } from '../scenario.ts';

export const chatServiceRedisHalfOpen: Scenario = {
  name: 'chat-service-redis-half-open',
  what: "A chat-service's connections to Redis fall silent for ever without being closed; new ones work",
  cluster: { wired: true },
  restWithinMs: 40_000,
  async fault({ cluster, pause, pick }) {
    cluster.links.of('chat-service-redis', pick([0, 1])).forget();
    await pause(500, 1_500);
  },
};
