import { join } from 'node:path';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import { type ProductCpu, productCpu } from '../stack/cpu.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { StormPlan, StormResult } from './storm-process.ts';

type StormProcess = MeasuredProcess<{
  settle: (plan: StormPlan) => Promise<void>;
  cut: (nothing: undefined) => void;
  speak: (plan: { count: number; speakers: number }) => Promise<void>;
  storm: (nothing: undefined) => Promise<StormResult>;
}>;

const SESSIONS = { full: 5_000, quick: 300 };
const CONVERSATIONS_EACH = 20;
/** Members of each conversation. */
const ROOM = 100;
/** Messages in each conversation that everybody missed. */
const MISSED = 3;
const CURVE_POINTS = 50;

interface Figures {
  readonly result: StormResult;
  readonly sessions: number;
  readonly statements: number;
  readonly cpu: ProductCpu;
}

export const stormSection: Section = {
  id: 'storm',
  title: 'Resume storm: all sessions come back in the same moment',
  run: async (context) => {
    const sessions = context.quick ? SESSIONS.quick : SESSIONS.full;
    const product = await startProduct(context);
    const { clients, conversations } = await prepare(context, product, sessions);
    const speakers = Math.ceil(conversations / CONVERSATIONS_EACH);
    context.say(`${MISSED} messages in each of ${conversations} conversations while nobody is there`);
    await clients.ask('cut', undefined);
    await clients.ask('speak', { count: MISSED, speakers });
    context.say('everybody comes back');
    const figures = await measure(product, clients, sessions);
    return { ...present(figures), versions: product.versions };
  },
};

async function prepare(context: BenchContext, product: Product, sessions: number) {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const conversations = Math.ceil((sessions * CONVERSATIONS_EACH) / ROOM);
  const plan = { users: sessions, conversations, conversationsPerUser: CONVERSATIONS_EACH };
  context.say(`creating ${sessions} users with ${CONVERSATIONS_EACH} conversations each`);
  const people = await populate(sql, plan);
  await sql`create extension pg_stat_statements`;
  await sql.end();
  const clients: StormProcess = new MeasuredProcess('clients', join(import.meta.dirname, 'storm-process.ts'));
  context.cleanup.defer(() => clients.stop());
  context.say('connecting everybody');
  await clients.ask('settle', {
    protocol: SUBPROTOCOLS.json,
    sessions: people.users.map((user, index) => ({
      url: `${socketUrl(product.gateways[index % 2 === 0 ? 0 : 1])}?token=${tokenFor(product.jwtSecret, people.tid, user)}`,
      cids: people.conversationsOf(index).map((at) => people.conversations[at] ?? ''),
    })),
  });
  return { clients, conversations };
}

async function measure(product: Product, clients: StormProcess, sessions: number): Promise<Figures> {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  await sql`select pg_stat_statements_reset()`;
  const before = await productCpu(product);
  const result = await clients.ask('storm', undefined);
  const after = await productCpu(product);
  const [row] = await sql<{ calls: string }[]>`
    select coalesce(sum(calls), 0)::text as calls from pg_stat_statements
    where toplevel and query !~* '^\s*(begin|commit|select pg_stat)'`;
  await sql.end();
  return {
    result,
    sessions,
    statements: Number(row?.calls),
    cpu: {
      gateways: after.gateways - before.gateways,
      chatService: after.chatService - before.chatService,
      postgres: after.postgres - before.postgres,
      nats: after.nats - before.nats,
    },
  };
}

function present({ result, sessions, statements, cpu }: Figures): SectionResult {
  const { caughtUpMs, frames, putOff } = result;
  const at = (share: number) => caughtUpMs[Math.min(caughtUpMs.length - 1, Math.floor(share * caughtUpMs.length))] ?? 0;
  const joins = sessions * CONVERSATIONS_EACH;
  const row = (what: string, ours: string, theirs = '', ratio = '') => ({ what, ours, theirs, ratio });
  const points = Array.from({ length: CURVE_POINTS + 1 }, (_, index) => {
    const share = index / CURVE_POINTS;
    return [share === 0 ? 0 : at(share - 1 / caughtUpMs.length) / 1_000, share * 100] as const;
  });
  return {
    rows: [
      row(
        `${sessions.toLocaleString('en')} sessions x ${CONVERSATIONS_EACH} conversations, all caught up after`,
        `${figure(at(1) / 1_000)} s`,
      ),
      row('  one session, p50 / p99', `${figure(at(0.5) / 1_000)} / ${figure(at(0.99) / 1_000)} s`),
      row('  frames delivered', frames.toLocaleString('en')),
      row('  put off for a moment by the server', putOff.toLocaleString('en')),
      row(
        '  statements in PostgreSQL',
        statements.toLocaleString('en'),
        `one a join: ${joins.toLocaleString('en')}`,
        `${figure(joins / Math.max(1, statements))} x`,
      ),
      row('  CPU of the gateways, for each join', `${figure(cpu.gateways / joins)} us`),
      row('  CPU of chat-service + PostgreSQL', `${figure(cpu.chatService / 1e6)} + ${figure(cpu.postgres / 1e6)} s`),
    ],
    charts: [
      {
        kind: 'lines',
        name: 'bench-storm',
        title: 'Resume storm: sessions that have caught up',
        xTitle: 'seconds since all came back',
        yTitle: '%',
        yScale: 'linear',
        series: [{ name: `${sessions.toLocaleString('en')} sessions`, points }],
      },
    ],
    notes: [
      `Every session had joined ${CONVERSATIONS_EACH} conversations of ${ROOM} members at one of two gateways, was cut off, missed ${MISSED} messages in each, and came back in the same moment with one \`resume\` frame. Each client checks that what it gets is dense. The load generator shares the machine's cores.`,
    ],
  };
}
