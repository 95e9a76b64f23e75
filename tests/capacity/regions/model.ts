/** What distance does to each act: trips times the length of the line, and what the act takes without distance. */
import { type Act, type ActId, actOf, type Line } from './acts.ts';
import { LAST_MILE_MS } from './distances.ts';

/** Round trips of each line, milliseconds; 0 where nothing is said. */
export type Lengths = Readonly<Partial<Record<Line, number>>>;

/** One at a time: nothing waits for anything else. */
export function msOf({ trips, localMs }: Pick<Act, 'trips' | 'localMs'>, lengths: Lengths): number {
  const lines = Object.entries(lengths) as [Line, number][];
  return lines.reduce((sum, [line, ms]) => sum + trips[line] * ms, localMs);
}

/** Send requests of a gateway go by lanes, of which each has one request under way (services/gateway/src/upstream/lanes.ts). */
export const LANES = 16;

/**
 * The median of a send among many, of which `rate` a second come to one gateway: who finds its lane under way waits for the rest of
 * that request, which takes `aloneMs` like every other. Arrivals are taken as independent of each other.
 */
export function medianAmongMany(aloneMs: number, rate: number): number {
  const aLane = rate / LANES / 1_000;
  const idleMs = Math.exp(-aLane * aloneMs) / aLane;
  const busy = aloneMs / (aloneMs + idleMs);
  return busy <= 0.5 ? aloneMs : aloneMs + (aloneMs * (busy - 0.5)) / busy;
}

/** Ways to be there for a user who is far from home. `long` says which lines are as long as that. */
export interface Placement {
  readonly id: string;
  readonly title: string;
  readonly long: readonly Line[];
}

export const PLACEMENTS: readonly Placement[] = [
  { id: 'one', title: 'home far away', long: ['client'] },
  { id: 'edge', title: 'gateway here', long: ['edge'] },
  { id: 'leaf', title: 'gateway and leaf node here', long: ['leaf'] },
  { id: 'database', title: 'chat-service here too', long: ['database'] },
  { id: 'cell', title: 'home here', long: [] },
  { id: 'standby', title: 'home here, standby far away', long: ['standby'] },
];

/** For a user at that distance from home. Every client has its own way to the nearest region. */
export function msAt(id: ActId, { long }: Pick<Placement, 'long'>, distanceMs: number): number {
  const act = actOf(id);
  const lengths = Object.fromEntries(long.map((line) => [line, distanceMs]));
  const ownWays = LAST_MILE_MS * (act.trips.client + (act.isReceived === true ? 0.5 : 0));
  return msOf(act, lengths) + ownWays;
}
