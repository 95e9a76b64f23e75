import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { SPREAD } from '../../../services/gateway/src/drain.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section } from '../section.ts';
import { type ProductCpu, productCpu } from '../stack/cpu.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { OpenLoopPlan, OpenLoopResult } from '../way/open-loop.ts';
import { startWayLoad, type WayLoad } from '../way/way-load.ts';
import type { Checked, Moves, MoversPlan } from './movers-process.ts';
import { highestSlice, present, type Round, type Talk } from './present-drain.ts';

type Movers = MeasuredProcess<{
  come: (plan: MoversPlan) => Promise<void>;
  gather: (url: string) => Promise<void>;
  talk: (plan: OpenLoopPlan) => Promise<OpenLoopResult>;
  move: (nothing: undefined) => Promise<Moves>;
  check: (nothing: undefined) => Promise<Checked>;
}>;

interface Stage {
  readonly product: Product;
  readonly movers: Movers;
  readonly bystanders: WayLoad;
}

interface Size {
  readonly sessions: number;
  /** Grace of each round, milliseconds. */
  readonly graces: readonly number[];
  /** What the gateways that stay do before it counts, so that their code is compiled. */
  readonly warmUp: readonly number[];
  /** Between gathering and measuring. */
  readonly settleMs: number;
}

const SIZES: Readonly<Record<'full' | 'quick', Size>> = {
  full: {
    sessions: 5_000,
    warmUp: [10_000],
    graces: [10_000, 60_000, 10_000, 60_000, 10_000, 60_000],
    settleMs: 3_000,
  },
  quick: { sessions: 100, warmUp: [], graces: [1_000], settleMs: 0 },
};
/** Members of each conversation. */
const ROOM = 10;
/** Messages a second: of bystanders, and in the conversations of those who move. */
const RATES = { bystanders: 200, movers: 100 };
/** Milliseconds of the phase before. */
const LONGEST_QUIET_MS = 20_000;
/** What ending takes a gateway beyond its grace, at most. */
const MARGIN_MS = 15_000;

export const drainSection: Section = {
  id: 'drain',
  title: 'Draining a gateway: its sessions move to two others',
  run: async (context) => {
    const size = context.quick ? SIZES.quick : SIZES.full;
    const stage = await prepare(context, size.sessions);
    for (const graceMs of size.warmUp) {
      context.say('warming up');
      await measure(stage, graceMs, size.settleMs);
    }
    const rounds: Round[] = [];
    for (const graceMs of size.graces) {
      const round = await measure(stage, graceMs, size.settleMs);
      rounds.push(round);
      context.say(describe(round));
    }
    const sizes = { sessions: size.sessions, room: ROOM, rates: RATES };
    return { ...present(rounds, sizes), versions: stage.product.versions };
  },
};

async function prepare(context: BenchContext, sessions: number): Promise<Stage> {
  const product = await startProduct(context);
  const bystanders = await startWayLoad(context, product);
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const people = { users: sessions + 1, conversations: sessions / ROOM, conversationsPerUser: 1 };
  const { tid, users, conversations, conversationsOf } = await populate(sql, people);
  const token = (user: string | undefined) => tokenFor(product.jwtSecret, tid, user ?? '');
  await sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select conversation_id, ${users[sessions] ?? ''}, tenant_id from conversations where tenant_id = ${tid}
    on conflict do nothing`;
  await sql.end();
  const movers: Movers = new MeasuredProcess('movers', join(import.meta.dirname, 'movers-process.ts'));
  context.cleanup.defer(() => movers.stop());
  const stays = product.gateways.map(socketUrl);
  await movers.ask('come', {
    protocol: SUBPROTOCOLS.json,
    movers: users.slice(0, sessions).map((user, index) => ({
      cid: conversations[conversationsOf(index)[0] ?? 0] ?? '',
      token: token(user),
      next: stays[index % stays.length] ?? '',
    })),
    speaker: `${stays[0]}?token=${token(users[sessions])}`,
  });
  return { product, movers, bystanders };
}

/** A gateway gets all sessions, some time passes, and it is told to stop; in both phases others talk. */
async function measure(stage: Stage, graceMs: number, settleMs: number): Promise<Round> {
  const { product, movers } = stage;
  const gateway = await product.startGateway({ DRAIN_GRACE_MS: String(graceMs) });
  await movers.ask('gather', socketUrl(gateway));
  await sleep(settleMs);
  const spreadMs = graceMs * SPREAD;
  const quiet = await talk(stage, Math.min(spreadMs, LONGEST_QUIET_MS));
  const [startedAt, moving] = [Date.now(), movers.ask('move', undefined)];
  const stopped = gateway.process.stop(graceMs + MARGIN_MS).then(() => Date.now() - startedAt);
  const beside = await talk(stage, spreadMs);
  const [moves, endedMs] = await Promise.all([moving, stopped]);
  const checked = await movers.ask('check', undefined);
  return { graceMs, spreadMs, startedAt, quiet, beside, moves, checked, endedMs };
}

/** What the bystanders' messages take, while messages go to those who move, too. */
async function talk({ product, movers, bystanders }: Stage, forMs: number): Promise<Talk> {
  const cpuOf = async () => ({ servers: total(await productCpu(product)), clients: await movers.cpuUs() });
  const [startedAt, before] = [performance.now(), await cpuOf()];
  const seconds = forMs / 1_000;
  const [delivery, said] = await Promise.all([
    bystanders.ask('run', { rate: RATES.bystanders, seconds }),
    movers.ask('talk', { rate: RATES.movers, seconds }),
  ]);
  const after = await cpuOf();
  const cores = (who: 'servers' | 'clients') => (after[who] - before[who]) / 1_000 / (performance.now() - startedAt);
  return { delivery, unanswered: said.missing, cores: { servers: cores('servers'), clients: cores('clients') } };
}

const total = (cpu: ProductCpu) => Object.values(cpu).reduce((sum: number, us: number) => sum + us, 0);

function describe(round: Round): string {
  const { graceMs, quiet, beside, moves, endedMs } = round;
  const { most, even } = highestSlice(round);
  const change = (name: 'p50' | 'p99') =>
    `${name} ${figure(quiet.delivery[name])} -> ${figure(beside.delivery[name])} ms`;
  return [
    `grace ${graceMs / 1_000} s: highest slice ${most} of ${figure(even)}`,
    `back after ${figure((Math.max(...moves.back) - round.startedAt) / 1_000)} s, ended after ${figure(endedMs / 1_000)} s`,
    `${change('p99')}, ${change('p50')}`,
    `cores ${figure(quiet.cores.servers)} -> ${figure(beside.cores.servers)} + clients ${figure(beside.cores.clients)}`,
  ].join('; ');
}
