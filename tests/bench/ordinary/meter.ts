import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { minus, plus, NO_USE, type ProcessUse, processUse } from '../measure/process-use.ts';
import type { PostgresMeter, PostgresReading, PostgresUse } from './postgres-meter.ts';

/** The server processes of one side, without PostgreSQL. */
export interface Metered {
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  readonly clients: readonly number[];
  /** The side's own database, if it writes anything down. */
  readonly postgres?: { readonly meter: PostgresMeter; readonly database: string };
  /** Where NATS answers `/varz`. */
  readonly natsMonitor?: string;
  readonly redis?: Redis;
}

export interface Use {
  readonly seconds: number;
  /** CPU time by server, microseconds. */
  readonly cpuUs: Readonly<Record<string, number>>;
  /** Of the servers' threads. */
  readonly wakeUps: number;
  readonly commits: number;
  readonly walBytes: number;
  readonly pageImageBytes: number;
  /** That NATS took in and gave out. */
  readonly natsMessages: number;
  readonly redisCommands: number;
  readonly clientUs: number;
  /** Of the busiest client. */
  readonly busiestClientUs: number;
}

interface Reading {
  readonly at: number;
  readonly processes: readonly ProcessUse[];
  readonly clients: readonly ProcessUse[];
  readonly postgres: PostgresReading | undefined;
  readonly natsMessages: number;
  readonly redisCommands: number;
}

/** What `work`, and what the servers of a side do within `tailMs` after it, costs these. */
export async function measureUse<T>(
  metered: Metered,
  tailMs: number,
  work: () => Promise<T>,
): Promise<{ result: T; use: Use }> {
  const before = await read(metered);
  const result = await work();
  await sleep(tailMs);
  return { result, use: await useBetween(metered, before, await read(metered)) };
}

async function read({ processes, clients, postgres, natsMonitor, redis }: Metered): Promise<Reading> {
  return {
    natsMessages: natsMonitor === undefined ? 0 : await natsMessages(natsMonitor),
    redisCommands: redis === undefined ? 0 : redisCommands(await redis.info('commandstats')),
    postgres: await postgres?.meter.read(),
    at: performance.now(),
    processes: processes.map(({ pid }) => processUse(pid)),
    clients: clients.map(processUse),
  };
}

async function useBetween({ processes, postgres }: Metered, before: Reading, after: Reading): Promise<Use> {
  const used = processes.map(({ name }, index) => ({
    name,
    use: minus(after.processes[index] ?? NO_USE, before.processes[index] ?? NO_USE),
  }));
  const clientsUs = after.clients.map((use, index) => minus(use, before.clients[index] ?? NO_USE).cpuUs);
  const stored = await storedBetween(postgres, before.postgres, after.postgres);
  if (stored !== undefined) used.push({ name: 'PostgreSQL', use: stored });
  return {
    seconds: (after.at - before.at) / 1_000,
    cpuUs: Object.fromEntries(used.map(({ name, use }) => [name, use.cpuUs])),
    wakeUps: used.map(({ use }) => use).reduce(plus, NO_USE).wakeUps,
    commits: stored?.commits ?? 0,
    walBytes: stored?.walBytes ?? 0,
    pageImageBytes: stored?.pageImageBytes ?? 0,
    natsMessages: after.natsMessages - before.natsMessages,
    redisCommands: after.redisCommands - before.redisCommands,
    clientUs: clientsUs.reduce((sum, us) => sum + us, 0),
    busiestClientUs: Math.max(...clientsUs),
  };
}

async function storedBetween(
  postgres: Metered['postgres'],
  before: PostgresReading | undefined,
  after: PostgresReading | undefined,
): Promise<PostgresUse | undefined> {
  if (postgres === undefined || before === undefined || after === undefined) return undefined;
  return postgres.meter.between(before, after, postgres.database);
}

async function natsMessages(monitor: string): Promise<number> {
  const answer = await fetch(`${monitor}/varz`);
  const { in_msgs, out_msgs } = (await answer.json()) as { in_msgs: number; out_msgs: number };
  return in_msgs + out_msgs;
}

/** Commands that Redis has carried out, but for the question itself. */
function redisCommands(info: string): number {
  return [...info.matchAll(/^cmdstat_(?!info)[^:]*:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
