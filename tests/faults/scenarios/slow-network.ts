import type { Route } from '../cluster/links.ts';
import type { Scenario } from '../scenario.ts';

const ROUTES: readonly Route[] = ['gateway-nats', 'chat-service-nats', 'chat-service-postgres', 'chat-service-redis'];

export const slowNetwork: Scenario = {
  name: 'slow-network',
  what: 'Round trips between services and one of the servers take 200 to 800 ms longer, for as long as the run lasts',
  cluster: { wired: true },
  load: { perSecond: 60, backEnds: 1, silenceMs: 8_000 },
  lasting: true,
  restWithinMs: 40_000,
  async fault({ cluster, pause, pick, random }) {
    cluster.links.of(pick(ROUTES)).set({ delayMs: () => 100 + random() * 300 });
    await pause(2_000, 3_000);
  },
};
