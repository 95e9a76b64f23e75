import { loseEdgeLine } from '../lose-edge-line.ts';
import type { Scenario } from '../scenario.ts';

export const edgeLeaf: Scenario = {
  name: 'edge-leaf',
  what: 'The line between a gateway’s own NATS, a leaf node, and the one at home breaks, is away, falls silent or is slow',
  cluster: { wired: true, edge: 'leaf' },
  load: { perSecond: 60, backEnds: 1, silenceMs: 8_000 },
  restWithinMs: 40_000,
  fault: loseEdgeLine,
};
