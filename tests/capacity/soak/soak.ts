import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { MeasuredProcess } from '../../bench/processes/measured-process.ts';
import { figure } from '../../bench/report/svg.ts';
import type { BenchContext } from '../../bench/section.ts';
import { populate } from '../../bench/stack/population.ts';
import { type Product, socketUrl, startProduct } from '../../bench/stack/product.ts';
import { tokenFor } from '../../bench/stack/token.ts';
import type { SoakCounts, SoakPlan } from './soak-process.ts';

type SoakProcess = MeasuredProcess<{
  start: (plan: SoakPlan) => void;
  counts: (argument: undefined) => SoakCounts;
  stop: (argument: undefined) => Promise<SoakCounts>;
}>;

const PEOPLE = { full: 600, quick: 20 };
const ROOMS = { full: 300, quick: 10 };
const ROOMS_OF_ONE = { full: 60, quick: 5 };
const TIMES = {
  full: { stayMs: 20_000, awayMs: 20_000, pauseMs: 2_000, seasonMs: 15_000 },
  quick: { stayMs: 500, awayMs: 200, pauseMs: 50, seasonMs: 500 },
};
const SAMPLE_MS = { full: 15_000, quick: 500 };

const MEBIBYTE = 1024 * 1024;

export interface Sample {
  readonly minute: number;
  /** After a full collection, mebibytes. */
  readonly memory: Readonly<Record<SoakedName, { readonly rss: number; readonly heap: number }>>;
}

export const SOAKED = ['chat-service', 'first gateway', 'second gateway'] as const;
export type SoakedName = (typeof SOAKED)[number];

export interface Soak {
  readonly minutes: number;
  readonly samples: readonly Sample[];
  readonly counts: SoakCounts;
  readonly versions: Readonly<Record<string, string>>;
}

/** Lets people come and go and looks at the services' memory now and then. */
export async function soak(context: BenchContext, minutes: number): Promise<Soak> {
  const size = context.quick ? 'quick' : 'full';
  const product = await startProduct(context);
  const people: SoakProcess = new MeasuredProcess('people', join(import.meta.dirname, 'soak-process.ts'));
  context.cleanup.defer(() => people.stop());
  await people.ask('start', await planOf(product, size));
  const processes = [product.chatService.process, ...product.gateways.map((gateway) => gateway.process)];
  const startedAt = performance.now();
  const samples: Sample[] = [];
  for (let minute = 0; minute < minutes; minute = (performance.now() - startedAt) / 60_000) {
    await sleep(SAMPLE_MS[size]);
    const memory = await Promise.all(processes.map((process) => process.memory()));
    const sample = {
      minute: (performance.now() - startedAt) / 60_000,
      memory: Object.fromEntries(
        SOAKED.map((name, index) => {
          const { rss = 0, heap = 0 } = memory[index] ?? {};
          return [name, { rss: rss / MEBIBYTE, heap: heap / MEBIBYTE }];
        }),
      ) as Sample['memory'],
    };
    samples.push(sample);
    context.say(lineOf(sample, await people.ask('counts', undefined)));
  }
  return { minutes, samples, counts: await people.ask('stop', undefined), versions: product.versions };
}

async function planOf(product: Product, size: 'full' | 'quick'): Promise<SoakPlan> {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const plan = { users: PEOPLE[size], conversations: ROOMS[size], conversationsPerUser: ROOMS_OF_ONE[size] };
  const { tid, users, conversations, conversationsOf } = await populate(sql, plan);
  await sql.end();
  const gateways = product.gateways.map(socketUrl);
  return {
    protocol: SUBPROTOCOLS.json,
    people: users.map((user, index) => ({
      addresses: gateways.map((url) => `${url}?token=${tokenFor(product.jwtSecret, tid, user)}`),
      rooms: conversationsOf(index).map((at) => conversations[at] ?? ''),
    })),
    ...TIMES[size],
  };
}

function lineOf(
  { minute, memory }: Sample,
  { connected, visits, delivered, lost, repeated, refused }: SoakCounts,
): string {
  const sizes = SOAKED.map((name) => `${name} ${figure(memory[name].rss)} / ${figure(memory[name].heap)}`).join(', ');
  return `minute ${figure(minute)}: ${connected} connected, ${visits} visits, ${delivered} delivered, lost ${lost}, repeated ${repeated}, refused ${refused}; rss / heap MiB: ${sizes}`;
}
