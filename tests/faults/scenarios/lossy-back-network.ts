import { dropPackets } from '../cluster/packet-loss.ts';
import { unableToIsolate } from '../isolate.ts';
import type { Scenario } from '../scenario.ts';

export const lossyBackNetwork: Scenario = {
  name: 'lossy-back-network',
  what: 'Services lose 2 to 10 % of all packets to and from NATS, PostgreSQL and Redis, for as long as the run lasts',
  isolated: true,
  unable: unableToIsolate,
  load: { perSecond: 60, backEnds: 1 },
  lasting: true,
  restWithinMs: 60_000,
  async fault({ cluster, pause, random, onHeal }) {
    const ports = [cluster.nats, cluster.postgres, cluster.redis].map(({ server }) => server.port);
    onHeal(await dropPackets(ports, 0.02 + random() * 0.08));
    await pause(2_500, 4_000);
  },
};
