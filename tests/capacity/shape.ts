import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { type PopulationPlan, populate } from '../bench/stack/population.ts';
import { type Product, socketUrl } from '../bench/stack/product.ts';
import { tokenFor } from '../bench/stack/token.ts';
import type { LoadPlan } from './load/plan.ts';

export const SHAPE_IDS = ['durable', 'rooms'] as const;
export type ShapeId = (typeof SHAPE_IDS)[number];

/** Who talks to whom, and what is counted. */
export interface Shape {
  readonly id: ShapeId;
  readonly title: string;
  /** What the rate counts, and how many of it one message makes. */
  readonly unit: string;
  readonly perMessage: number;
  readonly goal: number;
  /** Messages a second of the first step. */
  readonly firstRate: number;
  readonly people: PopulationPlan;
  plan(product: Product, people: People): LoadPlan;
}

/** Addresses of the people, and where they meet. */
interface People {
  readonly conversations: readonly string[];
  readonly address: (user: number, gateway: number) => string;
}

export function shapeOf(id: ShapeId, quick: boolean): Shape {
  return id === 'durable' ? durable(quick ? 10 : 250) : rooms(quick ? 20 : 1_000, quick ? 1 : 2);
}

/** Pairs: one sends at the first gateway, the other receives at the second. */
function durable(pairs: number): Shape {
  return {
    id: 'durable',
    title: `Durable messages, each to one receiver, in ${pairs} conversations`,
    unit: 'messages/s',
    perMessage: 1,
    goal: 10_000,
    firstRate: 2_000,
    people: { users: pairs * 2, conversations: pairs, conversationsPerUser: 1 },
    plan: (_, { conversations, address }) => ({
      protocol: SUBPROTOCOLS.json,
      senders: conversations.map((cid, index) => ({ cid, url: address(index, 0) })),
      receivers: conversations.map((cid, index) => ({ cid, url: address(index + pairs, 1) })),
      receiversPerMessage: 1,
      measuredShare: 1,
    }),
  };
}

const SENDERS = 20;

/** Rooms whose members sit at both gateways; everybody receives, and of ten one measures. */
function rooms(members: number, count: number): Shape {
  return {
    id: 'rooms',
    title: `Deliveries in ${count === 1 ? 'a room' : `${count} rooms`} of ${members.toLocaleString('en')} members`,
    unit: 'deliveries/s',
    perMessage: members,
    goal: 200_000,
    firstRate: 50,
    people: { users: members * count, conversations: count, conversationsPerUser: 1 },
    plan: (_, { conversations, address }) => {
      const receivers = Array.from({ length: members * count }, (_, user) => ({
        cid: conversations[user % count] ?? '',
        url: address(user, Math.floor(user / count)),
      }));
      return {
        protocol: SUBPROTOCOLS.json,
        receivers,
        senders: receivers.slice(0, SENDERS * count),
        receiversPerMessage: members,
        measuredShare: 10 * count,
      };
    },
  };
}

/** Writes the people into the tables and says who connects where. */
export async function settle(shape: Shape, product: Product): Promise<LoadPlan> {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const { tid, users, conversations } = await populate(sql, shape.people);
  await sql.end();
  const gateways = product.gateways.map(socketUrl);
  const address = (user: number, gateway: number) =>
    `${gateways[gateway % gateways.length]}?token=${tokenFor(product.jwtSecret, tid, users[user] ?? '')}`;
  return shape.plan(product, { conversations, address });
}
