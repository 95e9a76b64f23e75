/** The whole way of messages while sessions that have not joined are told by `inbox`, against the same without. */
import { join } from 'node:path';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import type { Sql } from 'postgres';
import { median } from '../measure/median.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { openRawClient } from '../raw-client.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Row } from '../section.ts';
import { productCpu } from '../stack/cpu.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { OpenLoopPlan, OpenLoopResult } from '../way/open-loop.ts';
import type { WayPlan } from '../way/way-process.ts';

const PAIRS = 50;
const ROUNDS = { full: 5, quick: 1 };
const LOAD = { full: { rate: 1_000, seconds: 5 }, quick: { rate: 100, seconds: 0.5 } };
/** At most so much slower, and dearer. */
const GOAL = 1.1;

interface Side {
  readonly p50: number[];
  readonly p99: number[];
  /** CPU time of the product for each message, microseconds. */
  readonly cpu: number[];
}

export interface InboxPairs {
  readonly on: Side;
  readonly off: Side;
  /** `inbox` frames for each message. */
  readonly told: number;
}

type WayProcess = MeasuredProcess<{
  connect: (plan: WayPlan) => Promise<void>;
  run: (plan: OpenLoopPlan) => Promise<OpenLoopResult>;
}>;

/** A third user of each conversation has a session that has joined nothing, and asks for `inbox` frames or does not. */
export async function measureInbox(context: BenchContext, product: Product, sql: Sql): Promise<InboxPairs> {
  const size = context.quick ? 'quick' : 'full';
  const { tid, users, conversations } = await populate(sql, {
    ...{ users: PAIRS * 3, conversations: PAIRS, conversationsPerUser: 1 },
  });
  const [near = '', far = ''] = product.gateways.map(socketUrl);
  const token = (n: number) => tokenFor(product.jwtSecret, tid, users[n] ?? '');
  const load: WayProcess = new MeasuredProcess('load', join(import.meta.dirname, '../way/way-process.ts'));
  context.cleanup.defer(() => load.stop());
  const pairs = conversations.map((cid, n) => ({
    cid,
    sendAt: `${near}?token=${token(n)}`,
    receiveAt: `${far}?token=${token(n + PAIRS)}`,
  }));
  await load.ask('connect', { pairs, protocol: SUBPROTOCOLS.json });
  await load.ask('run', LOAD[size]);
  const sides = { on: newSide(), off: newSide() };
  let told = 0;
  for (let round = 0; round < ROUNDS[size]; round += 1) {
    for (const name of ['off', 'on'] as const) {
      const urls = conversations.map(
        (_, n) => `${far}?token=${token(n + 2 * PAIRS)}${name === 'on' ? '&inbox=true' : ''}`,
      );
      const onFrame = (payload: Buffer) => void (told += payload.includes('"t":"inbox"') ? 1 : 0);
      const watchers = await Promise.all(urls.map((url) => openRawClient({ url, onFrame })));
      const before = await cpuOf(product);
      const result = await load.ask('run', LOAD[size]);
      sides[name].p50.push(result.p50);
      sides[name].p99.push(result.p99);
      sides[name].cpu.push(((await cpuOf(product)) - before) / result.sent);
      for (const watcher of watchers) watcher.destroy();
    }
  }
  return { ...sides, told: told / (ROUNDS[size] * LOAD[size].rate * LOAD[size].seconds) };
}

const newSide = (): Side => ({ p50: [], p99: [], cpu: [] });

async function cpuOf(product: Product): Promise<number> {
  return Object.values(await productCpu(product)).reduce((sum: number, us: number) => sum + us, 0);
}

export function inboxRows({ on, off, told }: InboxPairs): Row[] {
  const rate = LOAD.full.rate.toLocaleString('en');
  const row = (what: string, part: keyof Side, unit: string): Row => {
    const ratio = median(on[part].map((value, n) => value / Math.max(off[part][n] ?? 0, 0.001)));
    return {
      what: `${rate} msg/s with \`inbox\`, ${what}`,
      ours: `${figure(median(on[part]))} ${unit}`,
      theirs: `without ${figure(median(off[part]))} ${unit}`,
      ratio: `${ratio.toFixed(2)} x`,
      goal: { text: `<= ${GOAL} x`, met: ratio <= GOAL },
    };
  };
  return [
    row('p50', 'p50', 'ms'),
    row('p99', 'p99', 'ms'),
    row('CPU a message', 'cpu', 'us'),
    { what: '  `inbox` frames a message', ours: told.toFixed(2), theirs: '', ratio: '' },
  ];
}
