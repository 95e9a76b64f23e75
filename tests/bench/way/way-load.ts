import { join } from 'node:path';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { MeasuredProcess } from '../processes/measured-process.ts';
import type { BenchContext } from '../section.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { OpenLoopPlan, OpenLoopResult } from './open-loop.ts';
import type { BarePlan, WayPlan } from './way-process.ts';

/** Senders at one gateway and receivers at the other. */
export type WayLoad = MeasuredProcess<{
  connect: (plan: WayPlan) => Promise<void>;
  run: (plan: OpenLoopPlan) => Promise<OpenLoopResult>;
  bare: (plan: BarePlan) => Promise<OpenLoopResult>;
}>;

/** Conversations; in each one user sends and another receives. */
export const PAIRS = 50;

/** Connected, in a process of its own that ends with the section. */
export async function startWayLoad(context: BenchContext, product: Product): Promise<WayLoad> {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const plan = { users: PAIRS * 2, conversations: PAIRS, conversationsPerUser: 1 };
  const { tid, users, conversations } = await populate(sql, plan);
  await sql.end();
  const [near, far] = product.gateways.map(socketUrl);
  const address = (url: string | undefined, user: string | undefined) =>
    `${url}?token=${tokenFor(product.jwtSecret, tid, user ?? '')}`;
  const pairs = conversations.map((cid, index) => ({
    cid,
    sendAt: address(near, users[index]),
    receiveAt: address(far, users[index + PAIRS]),
  }));
  const load: WayLoad = new MeasuredProcess('load', join(import.meta.dirname, 'way-process.ts'));
  context.cleanup.defer(() => load.stop());
  await load.ask('connect', { pairs, protocol: SUBPROTOCOLS.json });
  return load;
}
