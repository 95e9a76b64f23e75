import { join } from 'node:path';
import { ensureDatabase, freePort } from '@messagecore/dev-servers';
import { NODE_FLAGS } from '@messagecore/runtime';
import { Redis } from 'ioredis';
import type { Answers } from '../processes/answer.ts';
import { MeasuredProcess, type StartOptions } from '../processes/measured-process.ts';
import type { BenchContext } from '../section.ts';
import type { Population } from '../stack/population.ts';
import { socketUrl, type Stack, startStack } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { Metered } from './meter.ts';
import type { JoinPlan, LoadRun, Received, Sent, SubscribePlan } from './plan.ts';
import { PostgresMeter } from './postgres-meter.ts';

export const SIDES = ['ours', 'plain', 'bare'] as const satisfies readonly JoinPlan['wire'][];
export type SideId = (typeof SIDES)[number];

/** One way to carry messages: its servers, and its client process. */
export interface Side {
  readonly id: SideId;
  readonly client: Client;
  /** A second client process, which receives in bare NATS. */
  readonly receiver?: Receiver;
  readonly metered: Metered;
  /** Where this user connects. */
  address(people: Population, user: number): string;
}

export type Client = MeasuredProcess<{
  join: (plan: JoinPlan) => Promise<void>;
  run: (run: LoadRun) => Promise<Sent>;
  drain: (ms: number) => Promise<number>;
  leave: (nothing: undefined) => void;
}>;

export type Receiver = MeasuredProcess<{
  subscribe: (plan: SubscribePlan) => Promise<void>;
  begin: (run: LoadRun) => void;
  received: (nothing: undefined) => number;
  end: (sent: number) => Received | undefined;
  leave: (nothing: undefined) => Promise<void> | undefined;
}>;

type PlainServer = MeasuredProcess<{ listen: (to: { databaseUrl: string }) => Promise<number> }>;

const PLAIN_DATABASE = 'ordinary_plain';

export interface Started {
  readonly sides: Readonly<Record<SideId, Side>>;
  readonly stack: Stack;
}

/** Starts the product with one chat-service and one gateway, the plain server, and the clients of all sides. */
export async function startSides(context: BenchContext, env: Readonly<Record<string, string>>): Promise<Started> {
  const monitorPort = await freePort();
  const stack = await startStack(context, { postgres: { env }, nats: { monitorPort } });
  const meter = await PostgresMeter.open(stack.database.server);
  context.cleanup.defer(() => meter.close());
  const shared = { stack, meter, natsMonitor: `http://127.0.0.1:${monitorPort}` };
  context.say('starting one gateway, the plain server and the clients');
  const bare = startBare(context, shared);
  const [ours, plain] = await Promise.all([startOurs(context, shared), startPlain(context, shared)]);
  return { sides: { ours, plain, bare }, stack };
}

interface Shared {
  readonly stack: Stack;
  readonly meter: PostgresMeter;
  readonly natsMonitor: string;
}

async function startOurs(context: BenchContext, { stack, meter, natsMonitor }: Shared): Promise<Side> {
  const { database, nats, redis, chatService, jwtSecret } = stack;
  const gateway = await stack.startGateway();
  const client: Client = startProcess(context, 'client of ours', 'client-process.ts');
  const askRedis = new Redis(redis.url);
  context.cleanup.defer(() => askRedis.disconnect());
  const processes = [
    { name: 'gateway', pid: gateway.process.pid },
    { name: 'chat-service', pid: chatService.process.pid },
    { name: 'NATS', pid: nats.pid ?? 0 },
    { name: 'Redis', pid: redis.pid ?? 0 },
  ];
  const metered = {
    clients: [client.pid],
    processes,
    postgres: { meter, database: nameOf(database.url) },
    natsMonitor,
    redis: askRedis,
  };
  const address = ({ tid, users }: Population, user: number) =>
    `${socketUrl(gateway)}?token=${tokenFor(jwtSecret, tid, users[user] ?? '')}`;
  return { id: 'ours', client, metered, address };
}

async function startPlain(context: BenchContext, { stack, meter }: Shared): Promise<Side> {
  const databaseUrl = await ensureDatabase(stack.database.server.url, PLAIN_DATABASE);
  const server: PlainServer = startProcess(context, 'plain server', 'plain-server.ts', {
    execArgv: NODE_FLAGS['chat-service'],
  });
  const client: Client = startProcess(context, 'client of plain', 'client-process.ts');
  const port = await server.ask('listen', { databaseUrl });
  const metered = {
    clients: [client.pid],
    processes: [{ name: 'server', pid: server.pid }],
    postgres: { meter, database: nameOf(databaseUrl) },
  };
  const address = () => `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
  return { id: 'plain', client, metered, address };
}

function startBare(context: BenchContext, { stack: { nats }, natsMonitor }: Shared): Side {
  const client: Client = startProcess(context, 'client of bare NATS', 'client-process.ts');
  const receiver: Receiver = startProcess(context, 'receiver of bare NATS', 'receiver-process.ts');
  const processes = [{ name: 'NATS', pid: nats.pid ?? 0 }];
  const metered = { clients: [client.pid, receiver.pid], processes, natsMonitor };
  return { id: 'bare', client, receiver, metered, address: () => nats.url };
}

function startProcess<A extends Answers>(
  { cleanup }: BenchContext,
  name: string,
  file: string,
  options: StartOptions = {},
): MeasuredProcess<A> {
  const started = new MeasuredProcess<A>(name, join(import.meta.dirname, file), options);
  cleanup.defer(() => started.stop());
  return started;
}

const nameOf = (databaseUrl: string) => new URL(databaseUrl).pathname.slice(1);
