import { join } from 'node:path';
import postgres from 'postgres';
import { median } from '../measure/median.ts';
import { processTreeCpuUs } from '../measure/process-cpu.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Row, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import { type Database, startDatabase } from '../stack/servers.ts';
import type { LoadResult } from './closed-loop.ts';
import type { WritePlan, WriteRun } from './write-process.ts';
import { DEVICE } from './writer.ts';

type WriteProcess = MeasuredProcess<{
  prepare: (plan: WritePlan) => void;
  run: (run: WriteRun) => Promise<LoadResult>;
}>;

const CONVERSATIONS = { full: 1_000, quick: 50 };
const SENDERS = { full: 256, quick: 32 };
/** What suits the plain way best of 8, 16, 32 and 64, taken over both scenarios. */
const PLAIN_CONNECTIONS = 32;
const ROUNDS = { full: 3, quick: 1 };
const SECONDS = { full: 4, quick: 0.5 };
const WARM_UP_SECONDS = { full: 1, quick: 0.2 };

interface Scenario {
  readonly id: 'hot' | 'many' | 'idle';
  readonly label: string;
  readonly senders: number;
  readonly conversations: number;
  /** How many times as many messages a second as the plain way; without it, a lone sender must not wait longer. */
  readonly goal?: number;
}

function scenariosOf(size: 'full' | 'quick'): Scenario[] {
  const senders = SENDERS[size];
  const conversations = CONVERSATIONS[size];
  const many = `${conversations.toLocaleString('en')} conversations, ${senders} senders`;
  return [
    { id: 'hot', label: `one hot conversation, ${senders} senders`, senders, conversations: 1, goal: 50 },
    { id: 'many', label: many, senders, conversations, goal: 12 },
    { id: 'idle', label: 'one sender, nothing else', senders: 1, conversations: 1 },
  ];
}

const DESIGNS = ['plain', 'grouped'] as const;

/** One measurement, CPU in microseconds for each message. */
interface Sample extends LoadResult {
  readonly nodeCpu: number;
  readonly postgresCpu: number;
}

export const writeSection: Section = {
  id: 'write',
  title: 'Write path: durable message, head and outbox',
  run: async (context) => {
    const size = context.quick ? 'quick' : 'full';
    const scenarios = scenariosOf(size);
    const database = await startDatabase(context);
    const writer = await prepare(context, database, size);
    const samples = new Map<string, Sample[]>();
    // The first round warms up code, plans and caches, and does not count.
    for (let round = 0; round <= ROUNDS[size]; round += 1) {
      for (const scenario of scenarios) {
        for (const design of DESIGNS) {
          const seconds = round === 0 ? WARM_UP_SECONDS[size] : SECONDS[size];
          const sample = await measure(writer, database, { design, scenario, seconds });
          context.say(`round ${round}, ${scenario.id}, ${design}: ${figure(sample.perSecond)} msg/s`);
          const key = keyOf(scenario, design);
          if (round > 0) samples.set(key, [...(samples.get(key) ?? []), sample]);
        }
      }
    }
    const figuresOf: FiguresOf = (scenario, design) => middle(samples.get(keyOf(scenario, design)) ?? []);
    return { ...present(scenarios, figuresOf), versions: { PostgreSQL: database.server.version } };
  },
};

async function prepare(context: BenchContext, { url }: Database, size: 'full' | 'quick'): Promise<WriteProcess> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const conversations = CONVERSATIONS[size];
  context.say(`creating ${SENDERS[size]} users in ${conversations} conversations`);
  const people = await populate(sql, { users: SENDERS[size], conversations, conversationsPerUser: conversations });
  await sql`
    insert into devices (tenant_id, user_id, client_id)
    select ${people.tid}::uuid, id, ${DEVICE} from unnest(${[...people.users]}::uuid[]) as id`;
  await sql`vacuum analyze devices`;
  await sql.end();
  const writer: WriteProcess = new MeasuredProcess('writer', join(import.meta.dirname, 'write-process.ts'));
  context.cleanup.defer(() => writer.stop());
  await writer.ask('prepare', {
    databaseUrl: url,
    tid: people.tid,
    users: people.users,
    conversations: people.conversations,
    plainConnections: PLAIN_CONNECTIONS,
  });
  return writer;
}

interface Measurement {
  readonly design: WriteRun['design'];
  readonly scenario: Scenario;
  readonly seconds: number;
}

/** A checkpoint comes first, so that none falls into the measurement because of the one before. */
async function measure(
  writer: WriteProcess,
  { server, url }: Database,
  { design, scenario: { senders, conversations }, seconds }: Measurement,
): Promise<Sample> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`checkpoint`;
  await sql.end();
  const cpu = async () => ({ node: await writer.cpuUs(), postgres: processTreeCpuUs(server.pid ?? 0) });
  const before = await cpu();
  const result = await writer.ask('run', { design, senders, conversations, seconds });
  const after = await cpu();
  return {
    ...result,
    nodeCpu: (after.node - before.node) / result.count,
    postgresCpu: (after.postgres - before.postgres) / result.count,
  };
}

type Figures = Pick<Sample, 'perSecond' | 'p50' | 'p99' | 'nodeCpu' | 'postgresCpu'>;

function middle(samples: readonly Sample[]): Figures {
  const of = (name: keyof Figures) => median(samples.map((sample) => sample[name]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    nodeCpu: of('nodeCpu'),
    postgresCpu: of('postgresCpu'),
  };
}

const keyOf = ({ id }: Scenario, design: WriteRun['design']) => `${id} ${design}`;

type FiguresOf = (scenario: Scenario, design: WriteRun['design']) => Figures;

function present(scenarios: readonly Scenario[], figuresOf: FiguresOf): SectionResult {
  const rows = scenarios.flatMap((scenario) => {
    const [ours, theirs] = [figuresOf(scenario, 'grouped'), figuresOf(scenario, 'plain')];
    return scenario.goal === undefined
      ? idleRows(scenario.label, ours, theirs)
      : busyRows(scenario.label, scenario.goal, ours, theirs);
  });
  const busy = scenarios.filter(({ goal }) => goal !== undefined);
  return {
    rows,
    charts: [
      {
        kind: 'bars',
        name: 'bench-write',
        title: 'Write path: durable messages a second',
        unit: 'msg/s',
        scale: 'log',
        series: ['MessageCore', 'plain transaction'],
        groups: busy.map((scenario) => ({
          label: scenario.conversations === 1 ? 'one conversation' : `${scenario.conversations} conversations`,
          values: [figuresOf(scenario, 'grouped').perSecond, figuresOf(scenario, 'plain').perSecond],
        })),
      },
    ],
    notes: [
      `The plain way is one interactive transaction a message with seven round trips, over the same tables with the same checks, on ${PLAIN_CONNECTIONS} connections. Both sides wait for the commit to be on disk (fsync on); neither publishes.`,
      'Senders are closed loops in the writing process: each sends the next message when the last is stored. Rounds are interleaved, with a checkpoint before each measurement; the median of the rounds counts. CPU time is that of the writing process and of all of PostgreSQL, user and system.',
    ],
  };
}

function busyRows(label: string, goal: number, ours: Figures, theirs: Figures): Row[] {
  const ratio = ours.perSecond / theirs.perSecond;
  return [
    {
      what: label,
      ours: `${figure(ours.perSecond)} msg/s`,
      theirs: `${figure(theirs.perSecond)} msg/s`,
      ratio: `${figure(ratio)} x`,
      goal: { text: `>= ${goal} x`, met: ratio >= goal },
    },
    latencyRow(ours, theirs),
    cpuRow(ours, theirs),
  ];
}

function idleRows(label: string, ours: Figures, theirs: Figures): Row[] {
  return [
    {
      what: label,
      ours: `p50 ${figure(ours.p50)} ms`,
      theirs: `p50 ${figure(theirs.p50)} ms`,
      ratio: `${figure(theirs.p50 / ours.p50)} x`,
      goal: { text: 'not slower', met: ours.p50 <= theirs.p50 },
    },
    latencyRow(ours, theirs),
    cpuRow(ours, theirs),
  ];
}

function cpuRow(ours: Figures, theirs: Figures): Row {
  return {
    what: '  CPU for each message, Node + PostgreSQL',
    ours: `${figure(ours.nodeCpu)} + ${figure(ours.postgresCpu)} us`,
    theirs: `${figure(theirs.nodeCpu)} + ${figure(theirs.postgresCpu)} us`,
    ratio: `${figure((theirs.nodeCpu + theirs.postgresCpu) / (ours.nodeCpu + ours.postgresCpu))} x`,
  };
}

function latencyRow(ours: Figures, theirs: Figures): Row {
  return {
    what: '  latency p50 / p99',
    ours: `${figure(ours.p50)} / ${figure(ours.p99)} ms`,
    theirs: `${figure(theirs.p50)} / ${figure(theirs.p99)} ms`,
    ratio: `${figure(theirs.p99 / ours.p99)} x (p99)`,
  };
}
