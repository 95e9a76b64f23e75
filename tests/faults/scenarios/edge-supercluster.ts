import { loseEdgeLine } from '../lose-edge-line.ts';
import type { Scenario } from '../scenario.ts';

export const edgeSupercluster: Scenario = {
  name: 'edge-supercluster',
  what: 'The same between two clusters of NATS, of which a gateway is at one and the rest at the other',
  cluster: { wired: true, edge: 'supercluster' },
  load: { perSecond: 60, backEnds: 1, silenceMs: 8_000 },
  restWithinMs: 40_000,
  fault: loseEdgeLine,
};
