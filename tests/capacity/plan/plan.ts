/**
 * How many processes, cores and bytes a load needs, from what was measured of parts of it. Nothing here was run at these
 * sizes: it says what the measured costs come to, and where they stop saying anything.
 */
import {
  CONNECT_US,
  CONNECTION_BYTES,
  CONNECTIONS_A_GATEWAY,
  DELIVERY_US,
  HIGHEST_RATE,
  MESSAGE_COSTS,
  type PartCosts,
} from './costs.ts';
import { EGRESS, HOURS_A_MONTH, NODE, STORAGE_A_GB } from './prices.ts';

export interface Load {
  /** Open at the busiest moment. */
  readonly connections: number;
  /** Messages a second then. */
  readonly rate: number;
  /** To how many others a message goes. */
  readonly receivers: number;
}

export interface Plan {
  readonly gateways: number;
  readonly chatServices: number;
  /** PostgreSQL servers that take writes: above one, tenants or conversations are divided between them. */
  readonly primaries: number;
  /** Cores that are busy, of all processes. */
  readonly busyCores: number;
  /** Memory of all gateways for their connections, bytes. */
  readonly connectionBytes: number;
  /** Machines of the size of `NODE`. */
  readonly nodes: number;
  readonly aMonth: { readonly nodes: number; readonly storage: number; readonly egress: number; readonly all: number };
}

/** The share of its cores that a machine may be busy with at the busiest moment. */
const BUSY = 0.6;
/** How much busier the busiest moment is than the mean of a month. */
const PEAK = 3;
/** A connection is made anew once in so many seconds. */
const SESSION_S = 3_600;
/** Bytes of one delivery on the wire, with its headers. */
const DELIVERY_BYTES = 450;
/** Bytes of a stored message, its indexes included. */
const MESSAGE_BYTES = 500;
/** Messages are kept for a year. */
const KEPT_S = 365 * 86_400;
/** Of what is stored there are two copies, at a primary and at its synchronous standby. */
const COPIES = 2;
const GB = 1e9;
const US = 1e6;
const LEAST = { gateways: 2, chatServices: 2, nats: 3, redis: 3 };

/** @throws RangeError for a load without connections or messages. */
export function planFor({ connections, rate, receivers }: Load): Plan {
  if (!(connections > 0 && rate > 0 && receivers >= 1))
    throw new RangeError('a load has connections, messages and receivers');
  const primaries = Math.ceil(rate / HIGHEST_RATE);
  const gateways = Math.max(LEAST.gateways, Math.ceil(connections / CONNECTIONS_A_GATEWAY));
  const deliveries = (rate * (receivers - 1) * DELIVERY_US) / US;
  const connecting = ((connections / SESSION_S) * CONNECT_US) / US;
  // What comes to a gateway is its share of the messages, at both ends; a chat-service is as busy as may be, not more.
  const gatewayCores = (rate * costsAt(rate / gateways).gateway) / US + deliveries + connecting;
  const served = Math.max(
    LEAST.chatServices,
    fewest((count) => (rate / count) * costsAt(rate / count).chatService),
  );
  const ofServers = costsAt(rate / primaries);
  const cores = {
    gateways: gatewayCores,
    chatServices: (rate * costsAt(rate / served).chatService) / US,
    // The standby writes what the primary writes.
    postgres: (COPIES * rate * ofServers.postgres) / US,
    nats: (rate * ofServers.nats) / US,
    redis: (rate * ofServers.redis) / US,
  };
  const busyCores = Object.values(cores).reduce((sum, each) => sum + each, 0);
  const connectionBytes = connections * CONNECTION_BYTES;
  const nodes = nodesFor({ cores, connectionBytes, primaries });
  return {
    ...{ gateways: Math.max(gateways, Math.ceil(gatewayCores / BUSY)), chatServices: served, primaries },
    ...{ busyCores, connectionBytes, nodes, aMonth: costOf({ nodes, rate, receivers }) },
  };
}

interface Needs {
  readonly cores: Readonly<Record<'gateways' | 'chatServices' | 'postgres' | 'nats' | 'redis', number>>;
  readonly connectionBytes: number;
  readonly primaries: number;
}

/** Gateways and chat-services share machines; the servers behind them have their own, each at least as many as it needs to lose one. */
function nodesFor({ cores, connectionBytes, primaries }: Needs): number {
  const room = NODE.cores * BUSY;
  const shared = Math.max((cores.gateways + cores.chatServices) / room, (connectionBytes * 1.5) / NODE.bytes);
  const postgres = COPIES * primaries * Math.ceil(cores.postgres / COPIES / primaries / room);
  const bus = Math.max(LEAST.nats, Math.ceil((cores.nats + cores.redis) / room));
  return Math.max(2, Math.ceil(shared)) + postgres + bus;
}

function costOf({ nodes, rate, receivers }: { nodes: number; rate: number; receivers: number }): Plan['aMonth'] {
  const mean = rate / PEAK;
  const stored = (mean * KEPT_S * MESSAGE_BYTES * COPIES) / GB;
  const sent = (mean * HOURS_A_MONTH * 3_600 * (receivers + 1) * DELIVERY_BYTES) / GB;
  const costs = { nodes: nodes * NODE.anHour * HOURS_A_MONTH, storage: stored * STORAGE_A_GB, egress: egressOf(sent) };
  return { ...costs, all: costs.nodes + costs.storage + costs.egress };
}

export function egressOf(gb: number): number {
  let from = 0;
  let sum = 0;
  for (const { upToGb, aGb } of EGRESS) {
    sum += Math.max(0, Math.min(gb, upToGb) - from) * aGb;
    from = upToGb;
  }
  return sum;
}

/** The fewest processes of one core each that are no busier than they may be. `us` is what each has to do in a second. */
function fewest(us: (count: number) => number): number {
  let count = 1;
  while (us(count) > BUSY * US) count += 1;
  return count;
}

/** Costs between two points lie on a straight line of their logarithms; outside of them they are those of the nearest. */
export function costsAt(rate: number): PartCosts {
  const after = MESSAGE_COSTS.findIndex((point) => point.rate >= rate);
  const [low, high] = [MESSAGE_COSTS[Math.max(0, after - 1)], MESSAGE_COSTS[after]];
  if (low === undefined || high === undefined) return MESSAGE_COSTS.at(-1)!.us;
  if (high.rate <= rate || low === high) return high.us;
  const share = Math.log(rate / low.rate) / Math.log(high.rate / low.rate);
  const between = (part: keyof PartCosts) => low.us[part] * (high.us[part] / low.us[part]) ** share;
  return {
    gateway: between('gateway'),
    chatService: between('chatService'),
    postgres: between('postgres'),
    nats: between('nats'),
    redis: between('redis'),
  };
}
