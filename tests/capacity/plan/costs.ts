/** What was measured of the product, each with the page and section it stands in. CPU time is user and system, of one core. */

export type PartCosts = Readonly<Record<'gateway' | 'chatService' | 'postgres' | 'nats' | 'redis', number>>;

export interface CostPoint {
  /** Messages a second. */
  readonly rate: number;
  /** Microseconds a message, with one receiver. */
  readonly us: PartCosts;
}

/**
 * By rate, as more is done at once when more comes. Up to 5,120 messages a second: docs/benchmarks.md, "Ordinary loads", pairs
 * (30 November 2026, when gateways gathered sends from 500 a second on: 1,000 a second cost more now, decision 91). From 7,683:
 * docs/capacity.md, "Durable messages" (22 November 2026).
 */
export const MESSAGE_COSTS: readonly CostPoint[] = [
  { rate: 200, us: { gateway: 437, chatService: 712, postgres: 512, nats: 302, redis: 21.4 } },
  { rate: 500, us: { gateway: 299, chatService: 505, postgres: 392, nats: 245, redis: 9.8 } },
  { rate: 1_000, us: { gateway: 194, chatService: 226, postgres: 171, nats: 104, redis: 6 } },
  { rate: 2_000, us: { gateway: 128, chatService: 159, postgres: 99.8, nats: 57.6, redis: 3.4 } },
  { rate: 3_200, us: { gateway: 94.3, chatService: 98.1, postgres: 76.9, nats: 44.7, redis: 2.1 } },
  { rate: 5_120, us: { gateway: 79.4, chatService: 70, postgres: 55.5, nats: 32.4, redis: 1.3 } },
  { rate: 7_683, us: { gateway: 72, chatService: 49.3, postgres: 45.3, nats: 31.5, redis: 13 } },
  { rate: 15_059, us: { gateway: 40.6, chatService: 26, postgres: 23.5, nats: 14.2, redis: 5.2 } },
];

/** The highest rate that one PostgreSQL was seen to hold, beside everything else on two cores: docs/capacity.md. */
export const HIGHEST_RATE = 29_516;

/** A delivery to one more receiver, where each message is a write of its own, microseconds: docs/capacity.md, "Rooms", 50,000 a second. */
export const DELIVERY_US = 12.8;

/** A connection with its join, microseconds, all processes: docs/decisions/0104. */
export const CONNECT_US = 1_500;

/** Memory of a connection at its gateway, bytes: docs/benchmarks.md, "Memory for each idle joined connection". */
export const CONNECTION_BYTES = 13_500;

/** Memory of a gateway whose windows are full, bytes, without its connections: docs/capacity.md, "Memory over time". */
export const GATEWAY_BYTES = 268 * 2 ** 20;

/** One connection of a gateway was held to: 20,000 in docs/decisions/0104. */
export const CONNECTIONS_A_GATEWAY = 20_000;
