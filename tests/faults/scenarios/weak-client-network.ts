import { dropPackets } from '../cluster/packet-loss.ts';
import { unableToIsolate } from '../isolate.ts';
import type { Scenario } from '../scenario.ts';

export const weakClientNetwork: Scenario = {
  name: 'weak-client-network',
  what: 'Clients lose 10 to 30 % of all packets each way and wait 800 ms for each other, for as long as the run lasts',
  isolated: true,
  unable: unableToIsolate,
  cluster: { wired: true },
  load: { perSecond: 30, backEnds: 1, changeEvery: 6, cutEveryMs: 6_000, silenceMs: 20_000 },
  lasting: true,
  restWithinMs: 120_000,
  async fault({ cluster, pause, random, onHeal }) {
    const lost = 0.1 + random() * 0.2;
    cluster.links.of('client-gateway').set({ delayMs: 400 });
    onHeal(
      await dropPackets(
        cluster.gateways.map(({ server }) => server.port),
        lost,
      ),
    );
    await pause(4_000, 6_000);
  },
};
