import { join } from 'node:path';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import { socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { IdlePlan } from './idle-clients.ts';

const CONNECTIONS = { full: 5_000, quick: 300 };
/** Members of each conversation that is joined. */
const ROOM = 100;
const GOAL_KB = 10;
/** Connections that come and go before the measurement: code is compiled and tables have grown. */
const WARM_UP = 200;

/** What one connection takes, KB. */
interface PerConnection {
  readonly rss: number;
  readonly heap: number;
}

export const memorySection: Section = {
  id: 'memory',
  title: 'Memory for each idle joined connection',
  run: async (context) => {
    const count = context.quick ? CONNECTIONS.quick : CONNECTIONS.full;
    const empty = await measureEmpty(context, count);
    const product = await startProduct(context);
    const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
    const conversations = Math.ceil((count + WARM_UP) / ROOM);
    const plan = { users: count + WARM_UP, conversations, conversationsPerUser: 1 };
    const { tid, users, conversations: cids, conversationsOf } = await populate(sql, plan);
    await sql.end();
    const [gateway] = product.gateways;
    const connections = users.map((user, index) => ({
      url: `${socketUrl(gateway)}?token=${tokenFor(product.jwtSecret, tid, user)}`,
      cid: cids[conversationsOf(index)[0] ?? 0] ?? '',
    }));
    context.say(`${count} sessions of the gateway`);
    const ours = await measure(context, gateway.process, connections, SUBPROTOCOLS.json);
    return { ...present(count, ours, empty), versions: product.versions };
  },
};

async function measureEmpty(context: BenchContext, count: number): Promise<PerConnection> {
  const program = join(import.meta.dirname, 'empty-ws-server.ts');
  const server = new MeasuredProcess<{ listen: (nothing: undefined) => Promise<number> }>('ws server', program);
  context.cleanup.defer(() => server.stop());
  const port = await server.ask('listen', undefined);
  context.say(`${count} connections of an empty ws server`);
  const connections = Array.from({ length: count + WARM_UP }, () => ({ url: `ws://127.0.0.1:${port}/` }));
  const result = await measure(context, server, connections);
  await server.stop();
  return result;
}

/** Memory after a collection with all connections, less that with the first few. */
async function measure(
  { cleanup }: BenchContext,
  server: Pick<MeasuredProcess, 'memory'>,
  connections: IdlePlan['connections'],
  protocol?: string,
): Promise<PerConnection> {
  const program = join(import.meta.dirname, 'idle-clients.ts');
  const clients = new MeasuredProcess<{ connect: (plan: IdlePlan) => Promise<void> }>('clients', program);
  cleanup.defer(() => clients.stop());
  const connect = (some: IdlePlan['connections']) =>
    clients.ask('connect', { connections: some, ...(protocol === undefined ? {} : { protocol }) });
  await connect(connections.slice(0, WARM_UP));
  const before = await server.memory();
  await connect(connections.slice(WARM_UP));
  const after = await server.memory();
  await clients.stop();
  const per = (bytes: number) => bytes / (connections.length - WARM_UP) / 1_024;
  return {
    rss: per(after.rss - before.rss),
    heap: per(after.heap + after.external - before.heap - before.external),
  };
}

function present(count: number, ours: PerConnection, empty: PerConnection): SectionResult {
  const over = { rss: ours.rss - empty.rss, heap: ours.heap - empty.heap };
  const row = (what: string, name: keyof PerConnection) => ({
    what: `${what}, ${count.toLocaleString('en')} connections`,
    ours: `${figure(ours[name])} KB`,
    theirs: `empty ws server ${figure(empty[name])} KB`,
    ratio: `${over[name] < 0 ? '-' : '+'}${figure(Math.abs(over[name]))} KB`,
    goal: { text: `<= +${GOAL_KB} KB`, met: over[name] <= GOAL_KB },
  });
  return {
    rows: [row('resident memory', 'rss'), row('heap and buffers', 'heap')],
    charts: [
      {
        kind: 'bars',
        name: 'bench-memory',
        title: 'Memory for each idle connection',
        unit: 'KB',
        scale: 'linear',
        series: ['MessageCore gateway, joined', 'empty ws server'],
        groups: [
          { label: 'resident memory', values: [ours.rss, empty.rss] },
          { label: 'heap and buffers', values: [ours.heap, empty.heap] },
        ],
      },
    ],
    notes: [
      `Growth of the process from ${WARM_UP} connections to ${WARM_UP} more than shown, each time after three full collections. Each session of the gateway is another user, signed in and joined to a conversation with ${ROOM} members. What the kernel keeps for a socket is not in it.`,
    ],
  };
}
