/** What was measured of the product, each with the page and section it stands in. CPU time is user and system, of one core. */

export type PartCosts = Readonly<Record<'gateway' | 'chatService' | 'postgres' | 'nats' | 'redis', number>>;

export interface CostPoint {
  /** Messages a second. */
  readonly rate: number;
  /** Microseconds a message, with one receiver. */
  readonly us: PartCosts;
}

/**
 * By rate, as more is done at once when more comes. Up to 1,000 messages a second: docs/benchmarks.md, "Ordinary loads"
 * (30 November 2026; below 1,000 only the sum was told, here in the shares of 1,000). From 3,920: docs/capacity.md,
 * "Durable messages" (22 November 2026).
 */
export const MESSAGE_COSTS: readonly CostPoint[] = [
  { rate: 200, us: { gateway: 1_105, chatService: 1_547, postgres: 1_009, nats: 612, redis: 27 } },
  { rate: 500, us: { gateway: 642, chatService: 899, postgres: 587, nats: 356, redis: 16 } },
  { rate: 1_000, us: { gateway: 325, chatService: 455, postgres: 297, nats: 180, redis: 8 } },
  { rate: 3_920, us: { gateway: 101, chatService: 102, postgres: 96.5, nats: 69.7, redis: 22.1 } },
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
export const CONNECTION_BYTES = 28_500;

/** One connection of a gateway was held to: 20,000 in docs/decisions/0104. */
export const CONNECTIONS_A_GATEWAY = 20_000;
