/** What the parts of the product use while a step is under way. */
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { MeasuredProcess } from '../bench/processes/measured-process.ts';
import { processTreeCpuUs } from '../bench/measure/process-cpu.ts';
import type { Product } from '../bench/stack/product.ts';

export const PARTS = ['gateways', 'chat-service', 'PostgreSQL', 'NATS', 'Redis', 'load generator'] as const;
export type Part = (typeof PARTS)[number];

export interface Use {
  readonly seconds: number;
  /** CPU time of each part, microseconds. */
  readonly cpuUs: Readonly<Record<Part, number>>;
  /** Share of one core that the busiest thread of its kind took. */
  readonly busiest: readonly { readonly name: string; readonly share: number }[];
  /** Share of all cores that everything on the machine took. */
  readonly machine: number;
  /** 99 % of the event loops' delays, milliseconds. */
  readonly loopMs: readonly { readonly name: string; readonly ms: number }[];
  /** What PostgreSQL's backends of the chat-service waited for, by how often they were seen; `CPU` when for nothing. */
  readonly waits: readonly (readonly [name: string, share: number])[];
  /** Ranges that were committed and not yet published at the end. */
  readonly unpublished: number;
}

const SAMPLE_MS = 40;

interface Reading {
  readonly at: number;
  readonly node: readonly (readonly [name: string, us: number])[];
  readonly backends: ReadonlyMap<number, number>;
  readonly postgres: number;
  readonly nats: number;
  readonly redis: number;
  readonly machine: { readonly busy: number; readonly all: number };
}

export class Watch {
  readonly #product: Product;
  readonly #processes: readonly (readonly [name: string, process: MeasuredProcess])[];
  readonly #sql: Sql;

  constructor(product: Product, load: MeasuredProcess, sql: Sql) {
    this.#product = product;
    this.#sql = sql;
    const [first, second] = product.gateways;
    this.#processes = [
      ['first gateway', first.process],
      ['second gateway', second.process],
      ['chat-service', product.chatService.process],
      ['load generator', load],
    ];
  }

  async during<T>(work: () => Promise<T>): Promise<{ result: T; use: Use }> {
    await this.#loops();
    const before = await this.#read();
    const waits = this.#sampleWaits();
    const result = await work();
    const seen = await waits.stop();
    const after = await this.#read();
    const sql = this.#sql;
    const [outbox] = await sql<{ ranges: string }[]>`
      select coalesce(sum(cardinality(conversation_ids)), 0) as ranges from outbox`;
    return { result, use: useOf(before, after, await this.#loops(), seen, Number(outbox?.ranges ?? 0)) };
  }

  #loops(): Promise<{ name: string; ms: number }[]> {
    return Promise.all(this.#processes.map(async ([name, process]) => ({ name, ms: await process.loopDelayMs() })));
  }

  async #read(): Promise<Reading> {
    const node = await Promise.all(
      this.#processes.map(async ([name, process]) => [name, await process.cpuUs()] as const),
    );
    const { database, nats, redis } = this.#product;
    const sql = this.#sql;
    const backends = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'chat-service'`;
    return {
      at: performance.now(),
      node,
      backends: new Map(backends.map(({ pid }) => [pid, processTreeCpuUs(pid)])),
      postgres: processTreeCpuUs(database.server.pid ?? 0),
      nats: processTreeCpuUs(nats.pid ?? 0),
      redis: processTreeCpuUs(redis.pid ?? 0),
      machine: machineTicks(),
    };
  }

  #sampleWaits() {
    const sql = this.#sql;
    const seen = new Map<string, number>();
    let over = false;
    const sampling = (async () => {
      while (!over) {
        const rows = await sql<{ what: string; count: number }[]>`
          select coalesce(wait_event_type || ':' || wait_event, 'CPU') as what, count(*)::int as count
          from pg_stat_activity where application_name = 'chat-service' and state = 'active' group by 1`;
        for (const { what, count } of rows) seen.set(what, (seen.get(what) ?? 0) + count);
        await sleep(SAMPLE_MS);
      }
    })();
    return {
      async stop() {
        over = true;
        await sampling;
        return seen;
      },
    };
  }
}

function useOf(
  before: Reading,
  after: Reading,
  loopMs: Use['loopMs'],
  seen: ReadonlyMap<string, number>,
  unpublished: number,
): Use {
  const us = (after.at - before.at) * 1_000;
  const node = after.node.map(([name, used], index) => ({ name, us: used - (before.node[index]?.[1] ?? 0) }));
  const ofNode = (part: string) => node.filter(({ name }) => name.endsWith(part)).reduce((sum, { us }) => sum + us, 0);
  const backend = Math.max(0, ...[...after.backends].map(([pid, used]) => used - (before.backends.get(pid) ?? used)));
  const nats = after.nats - before.nats;
  const redis = after.redis - before.redis;
  const samples = [...seen.values()].reduce((sum, count) => sum + count, 0);
  return {
    seconds: us / 1e6,
    cpuUs: {
      gateways: ofNode('gateway'),
      'chat-service': ofNode('chat-service'),
      PostgreSQL: after.postgres - before.postgres,
      NATS: nats,
      Redis: redis,
      'load generator': ofNode('load generator'),
    },
    busiest: [
      ...node.map(({ name, us: used }) => ({ name, share: used / us })),
      { name: 'one PostgreSQL backend', share: backend / us },
      { name: 'Redis', share: redis / us },
    ].sort((a, b) => b.share - a.share),
    machine: (after.machine.busy - before.machine.busy) / Math.max(1, after.machine.all - before.machine.all),
    loopMs,
    waits: [...seen].map(([name, count]) => [name, count / samples] as const).sort((a, b) => b[1] - a[1]),
    unpublished,
  };
}

const IDLE_FIELDS = [3, 4];

/** Of all cores together, since the machine started; also what other programs took. */
function machineTicks(): { busy: number; all: number } {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, part) => sum + part, 0);
    return { all, busy: all - IDLE_FIELDS.reduce((sum, field) => sum + (ticks[field] ?? 0), 0) };
  } catch {
    return { busy: 0, all: availableParallelism() };
  }
}
