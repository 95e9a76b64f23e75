/** A live room: a public channel with very many listeners, who take no part in it. */
import { join } from 'node:path';
import postgres from 'postgres';
import type { LatencySummary } from '../measure/latency.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section, SectionResult } from '../section.ts';
import { productCpu } from '../stack/cpu.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { OpenLoopPlan, OpenLoopResult } from '../way/open-loop.ts';
import type { ListenPlan } from './live-process.ts';

type LiveProcess = MeasuredProcess<{
  listen: (plan: ListenPlan) => Promise<void>;
  expect: (frames: number) => void;
  heard: (nothing: undefined) => Promise<LatencySummary>;
  speak: (plan: OpenLoopPlan & { url: string; cid: string }) => Promise<OpenLoopResult>;
}>;

const SIZES = { full: [2_000, 10_000, 20_000], quick: [100, 200] };
/** A process of listeners holds so many at most. */
const PROCESSES = 4;
const LOAD = { full: { rate: 3, seconds: 15 }, quick: { rate: 10, seconds: 1 } };
const ACK_GOAL_MS = 40;
const JOIN_GOAL = 2_000;
/** Stream's published mark (2021): so many in one channel, so many joins and deliveries a second. */
const MARK = { listeners: 5_000_000, joins: 4_000, deliveries: 15_000_000 };

interface Figures {
  readonly listeners: number;
  readonly joinsASecond: number;
  /** CPU of the product, microseconds. */
  readonly joinUs: number;
  readonly deliveryUs: number;
  /** Resident memory of the gateways, KB. */
  readonly listenerKb: number;
  readonly ack: OpenLoopResult;
  readonly heard: readonly LatencySummary[];
}

export const liveSection: Section = {
  id: 'live',
  title: 'Live room: listeners who take no part',
  run: async (context) => {
    const sizes = context.quick ? SIZES.quick : SIZES.full;
    const product = await startProduct(context);
    const { cid, urls, speaker } = await openStage(product, Math.max(...sizes));
    const processes = Array.from({ length: PROCESSES }, (_, n) => startListeners(context, n));
    const results: Figures[] = [];
    const { rate, seconds } = LOAD[context.quick ? 'quick' : 'full'];
    let listeners = 0;
    for (const size of sizes) {
      const before = { cpu: await cpuOf(product), memory: await memoryOf(product), at: performance.now() };
      const more = urls.slice(listeners, size);
      await Promise.all(
        processes.map((each, n) => each.ask('listen', { cid, urls: more.filter((_, at) => at % PROCESSES === n) })),
      );
      const joinSeconds = (performance.now() - before.at) / 1_000;
      const joined = { cpu: await cpuOf(product), memory: await memoryOf(product) };
      listeners = size;
      const frames = rate * seconds * (size / PROCESSES);
      for (const each of processes) await each.ask('expect', frames);
      const [first] = processes;
      if (first === undefined) throw new Error('no listeners');
      const spoken = await cpuOf(product);
      const ack = await first.ask('speak', { url: speaker, cid, rate, seconds });
      const heard = await Promise.all(processes.map((each) => each.ask('heard', undefined)));
      const deliveryUs = ((await cpuOf(product)) - spoken) / (rate * seconds * size);
      results.push({
        ...{ listeners, ack, heard, deliveryUs, joinsASecond: more.length / joinSeconds },
        joinUs: (joined.cpu - before.cpu) / more.length,
        listenerKb: (joined.memory - before.memory) / more.length / 1_024,
      });
      context.say(
        `${size} listeners: ${figure(more.length / joinSeconds)} joins/s, acknowledged p99 ${figure(ack.p99)} ms`,
      );
    }
    return { ...present(results, rate), versions: product.versions };
  },
};

function startListeners({ cleanup }: BenchContext, n: number): LiveProcess {
  const started: LiveProcess = new MeasuredProcess(`listeners ${n}`, join(import.meta.dirname, 'live-process.ts'));
  cleanup.defer(() => started.stop());
  return started;
}

/** A channel with one participant, who speaks, and addresses of others to listen from. */
async function openStage(product: Product, listeners: number) {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const people = { users: listeners + 1, conversations: 1, conversationsPerUser: 0 };
  const { tid, users, conversations } = await populate(sql, people);
  const [cid = ''] = conversations;
  await sql`insert into participants (conversation_id, user_id, tenant_id) values (${cid}, ${users[0] ?? ''}, ${tid})`;
  await sql`update conversations set open_to_listeners = true where conversation_id = ${cid}`;
  await sql.end();
  const gateways = product.gateways.map(socketUrl);
  const address = (user: string, n: number) =>
    `${gateways[n % gateways.length]}?token=${tokenFor(product.jwtSecret, tid, user)}`;
  const [speaker = '', ...urls] = users.map(address);
  return { cid, speaker, urls };
}

async function cpuOf(product: Product): Promise<number> {
  return Object.values(await productCpu(product)).reduce((sum: number, us: number) => sum + us, 0);
}

async function memoryOf({ gateways }: Product): Promise<number> {
  const memories = await Promise.all(gateways.map(({ process }) => process.memory()));
  return memories.reduce((sum, { rss }) => sum + rss, 0);
}

function present(results: readonly Figures[], rate: number): SectionResult {
  const rows = results.flatMap(({ listeners, joinsASecond, joinUs, deliveryUs, listenerKb, ack, heard }) => {
    const of = `${listeners.toLocaleString('en')} listeners`;
    const worst = (name: 'p50' | 'p99') => Math.max(...heard.map((each) => each[name]));
    return [
      {
        ...{ what: `${of}: acknowledged, p50 / p99`, ours: `${figure(ack.p50)} / ${figure(ack.p99)} ms`, theirs: '' },
        ...{ ratio: '', goal: { text: `p99 <= ${ACK_GOAL_MS} ms`, met: ack.p99 <= ACK_GOAL_MS && ack.missing === 0 } },
      },
      row('  heard by all, p50 / p99', `${figure(worst('p50'))} / ${figure(worst('p99'))} ms`),
      {
        ...row('  joins a second, listeners’ processes beside', figure(joinsASecond)),
        goal: { text: `>= ${JOIN_GOAL.toLocaleString('en')}`, met: joinsASecond >= JOIN_GOAL },
      },
      row('  CPU of a connection that joins', `${figure(joinUs)} us`),
      row('  CPU of a delivery', `${figure(deliveryUs)} us`),
      row('  memory of a listener', `${figure(listenerKb)} KB`),
    ];
  });
  const last = results.at(-1);
  const cores = (listeners: number, { deliveryUs }: Figures) => (listeners * rate * deliveryUs) / 1e6;
  const atMark = last === undefined ? 0 : (MARK.deliveries * last.deliveryUs + MARK.joins * last.joinUs) / 1e6;
  const memoryGb = last === undefined ? 0 : (MARK.listeners * last.listenerKb) / 1_024 / 1_024;
  return {
    rows: [
      ...rows,
      row(
        `cores for ${MARK.listeners / 1e6} million listeners, by the largest room`,
        `${figure(atMark)} cores, ${figure(memoryGb)} GB`,
      ),
    ],
    charts: [
      {
        ...{ kind: 'lines', name: 'bench-live', title: `Live room: cores busy at ${rate} messages a second` },
        ...{ xTitle: 'listeners', yTitle: 'cores', yScale: 'linear' },
        series: [{ name: 'MessageCore', points: results.map((each) => [each.listeners, cores(each.listeners, each)]) }],
      },
    ],
    notes: [
      `One public channel that is open to listeners (LSN-1), ${rate} messages a second by one participant, all others listen: half of them at each of two gateways, from ${PROCESSES} processes on the same machine. Delays count from when a message was due; what all heard is that of the slowest process. CPU is that of gateways, chat-service, PostgreSQL and NATS.`,
      `The mark is Stream's (2021): ${MARK.listeners / 1e6} million in one channel, ${MARK.joins.toLocaleString('en')} joins and ${MARK.deliveries / 1e6} million deliveries a second. Cores for it are measured costs multiplied, not a measurement: gateways share nothing but the bus, which sends each message once to each of them.`,
    ],
  };
}

const row = (what: string, ours: string) => ({ what, ours, theirs: '', ratio: '' });
