/** What it costs when everybody in a large room says how far they have read: statements, and the delay of messages. */
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { median } from '../measure/median.ts';
import { totals } from '../people/counted.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Row, Section, SectionResult } from '../section.ts';
import { productCpu } from '../stack/cpu.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { ReadsPlan, ReadsResult, ReadsRound } from './reads-process.ts';

type ReadsProcess = MeasuredProcess<{
  connect: (plan: ReadsPlan) => Promise<void>;
  run: (round: ReadsRound) => Promise<ReadsResult>;
}>;

const READERS = { full: 1_000, quick: 60 };
const LOAD = { full: { rate: 50, seconds: 10 }, quick: { rate: 20, seconds: 0.5 } };
const PAIRS = { full: 5, quick: 1 };
/** At most so much later. */
const GOAL = 1.5;
/** Fewer statements than one for so many messages read. */
const READ_A_STATEMENT = 10;

/** A figure for each round. */
interface Side {
  readonly p50: number[];
  readonly p99: number[];
  readonly statements: number[];
  readonly reports: number[];
  readonly read: number[];
  /** Cores that the product was busy with. */
  readonly cores: number[];
}

export const readsSection: Section = {
  id: 'reads',
  title: 'Read positions: everybody in a room of 1,000 reports each message',
  run: async (context) => {
    const product = await startProduct(context);
    const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
    context.cleanup.defer(() => sql.end());
    await sql`create extension if not exists pg_stat_statements`;
    const size = context.quick ? 'quick' : 'full';
    const load = await connect(context, product, sql, READERS[size]);
    const sides = { without: newSide(), reporting: newSide() };
    for (let pair = -1; pair < PAIRS[size]; pair += 1) {
      for (const name of ['without', 'reporting'] as const) {
        const round = { ...LOAD[size], receipts: READERS[size], reporting: name === 'reporting' };
        const measured = await measure(product, sql, () => load.ask('run', round));
        // The first pair only warms up.
        if (pair >= 0) for (const part of PARTS) sides[name][part].push(measured[part]);
        context.say(`${name}: ${describe(measured)}`);
      }
    }
    return { ...present(sides), versions: product.versions };
  },
};

const PARTS = ['p50', 'p99', 'statements', 'reports', 'read', 'cores'] as const;
const newSide = (): Side => ({ p50: [], p99: [], statements: [], reports: [], read: [], cores: [] });

async function connect(context: BenchContext, product: Product, sql: Sql, readers: number): Promise<ReadsProcess> {
  const { tid, users, conversations } = await populate(sql, {
    ...{ users: readers + 1, conversations: 1, conversationsPerUser: 1 },
  });
  const load: ReadsProcess = new MeasuredProcess('load', join(import.meta.dirname, 'reads-process.ts'));
  context.cleanup.defer(() => load.stop());
  const gateways = product.gateways.map(socketUrl);
  const address = (user: string, n: number) =>
    `${gateways[n % gateways.length]}?token=${tokenFor(product.jwtSecret, tid, user)}`;
  const [sendAt = '', ...readAt] = users.map(address);
  await load.ask('connect', { cid: conversations[0] ?? '', sendAt, readAt });
  return load;
}

async function measure(product: Product, sql: Sql, run: () => Promise<ReadsResult>) {
  const [before, cpuBefore, startedAt] = [await totals(sql), await cpuOf(product), performance.now()];
  const result = await run();
  const seconds = (performance.now() - startedAt) / 1_000;
  const [after, cpuAfter] = [await totals(sql), await cpuOf(product)];
  if (result.missing > 0) throw new Error(`${result.missing} messages did not arrive`);
  return {
    p50: result.p50,
    p99: result.p99,
    statements: (after.statements - before.statements) / seconds,
    reports: result.reports / seconds,
    read: result.read / seconds,
    cores: (cpuAfter - cpuBefore) / 1e6 / seconds,
  };
}

async function cpuOf(product: Product): Promise<number> {
  return Object.values(await productCpu(product)).reduce((sum: number, us: number) => sum + us, 0);
}

function describe({ p50, p99, statements, reports, cores }: Awaited<ReturnType<typeof measure>>): string {
  return `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms, ${figure(statements)} statements/s, ${figure(reports)} reports/s, ${cores.toFixed(2)} cores`;
}

function present({ without, reporting }: { readonly without: Side; readonly reporting: Side }): SectionResult {
  const load = `${READERS.full.toLocaleString('en')} readers, ${LOAD.full.rate} msg/s`;
  const row = (what: string, part: 'p50' | 'p99' | 'statements' | 'cores', unit: string): Row => {
    const ratio = median(reporting[part].map((value, n) => value / Math.max(without[part][n] ?? 0, 0.001)));
    return {
      what: `${load}: ${what}`,
      ours: `${figure(median(reporting[part]))} ${unit}`,
      theirs: `without ${figure(median(without[part]))} ${unit}`,
      ratio: `${ratio.toFixed(2)} x`,
      ...(part === 'p99' && { goal: { text: `<= ${GOAL} x`, met: ratio <= GOAL } }),
    };
  };
  const [read = 0, reports = 0, statements = 0] = [reporting.read, reporting.reports, reporting.statements].map(median);
  const fewer = `< 1 for ${READ_A_STATEMENT} messages read`;
  return {
    rows: [
      row('delay p50', 'p50', 'ms'),
      row('delay p99', 'p99', 'ms'),
      {
        ...row('statements', 'statements', 'a second'),
        goal: { text: fewer, met: statements * READ_A_STATEMENT < read },
      },
      row('CPU of the product', 'cores', 'cores'),
      {
        what: '  messages read, by readers together',
        ours: `${figure(read)} a second`,
        theirs: `in ${figure(reports)} reports a second`,
        ratio: '',
      },
    ],
    charts: [],
    notes: [
      `One room, half of the readers at each of two gateways. Each reports what it has read as the SDK does: one report is under way at a time, and the next says all that was read meanwhile. ${PAIRS.full} pairs of ${LOAD.full.seconds} s, without and with reports in turn on the same servers; medians. Delay counts from when a message was due until a reader has it. Statements are PostgreSQL's own count, without those of background work.`,
    ],
  };
}
