import {
  isReached,
  protocolOf,
  readProcesses,
  releaseOf,
  rolesOf,
  type ServiceProcess,
} from '../installation/processes.ts';
import { quantileOf, type Sample, sumOf } from '../installation/scrape.ts';

/** A process and what of it is of interest; null where it does not tell. */
export interface ProcessStatus {
  readonly url: string;
  readonly service: string;
  /** `ready`, `not ready`, or why it does not answer. */
  readonly state: string;
  readonly roles: readonly string[];
  readonly version: string | null;
  readonly protocol: string | null;
  readonly connections: number | null;
  readonly memoryBytes: number | null;
}

export interface SystemStatus {
  readonly at: string;
  readonly processes: readonly ProcessStatus[];
  readonly connections: number | null;
  readonly users: number | null;
  /** Since the reading before; null in the first one. */
  readonly sendsPerSecond: number | null;
  readonly deliveriesPerSecond: number | null;
  /** Upper bounds of buckets: since the reading before, or in the first one since the processes started. Milliseconds. */
  readonly commitMs: Quantiles;
  readonly deliveryMs: Quantiles;
  readonly outbox: number | null;
  readonly consumers: Readonly<Record<string, number>>;
  readonly jobs: { readonly ready: number | null; readonly dead: number | null; readonly lateSeconds: number | null };
  /** Settings that were changed while processes run, with the value, and how many processes have it. */
  readonly changed: readonly { readonly setting: string; readonly value: string; readonly processes: number }[];
  readonly postgres: {
    readonly connections: number | null;
    readonly most: number | null;
    readonly bytes: number | null;
  };
}

export interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What a reading is compared with. */
export interface Reading {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

/** Asks all processes once. */
export async function readStatus(
  urls: readonly string[],
  now: () => number,
  before?: Reading,
): Promise<{ readonly status: SystemStatus; readonly reading: Reading }> {
  const found = await readProcesses(urls);
  const samples = found.filter(isReached).flatMap((process) => process.samples);
  const reading = { atMs: now(), samples };
  const processes = found.map((process): ProcessStatus => {
    if (isReached(process)) return statusOf(process);
    const { url } = process;
    return { url, service: '?', state: 'no answer', roles: [], ...NOTHING };
  });
  return { reading, status: { at: new Date(reading.atMs).toISOString(), processes, ...figures(reading, before) } };
}

const NOTHING = { version: null, protocol: null, connections: null, memoryBytes: null };

function statusOf(process: ServiceProcess): ProcessStatus {
  const { url, service, ready, samples } = process;
  return {
    ...{ url, service, state: ready ? 'ready' : 'not ready', roles: rolesOf(process) },
    version: releaseOf(process) ?? null,
    protocol: protocolOf(process) ?? null,
    connections: sumOf(samples, 'ws_conn_active') ?? null,
    memoryBytes: sumOf(samples, 'process_resident_memory_bytes') ?? null,
  };
}

type Figures = Omit<SystemStatus, 'at' | 'processes'>;

function figures({ atMs, samples }: Reading, before: Reading | undefined): Figures {
  const sum = (name: string) => sumOf(samples, name) ?? null;
  const most = (name: string) => {
    const values = samples.filter((sample) => sample.name === name && !Number.isNaN(sample.value));
    return values.length === 0 ? null : Math.max(...values.map(({ value }) => value));
  };
  const rate = (name: string, labels?: Record<string, string>) => {
    const [now, then] = [sumOf(samples, name, labels), before && sumOf(before.samples, name, labels)];
    if (before === undefined || now === undefined || then === undefined || now < then) return null;
    return ((now - then) * 1_000) / Math.max(1, atMs - before.atMs);
  };
  const quantiles = (name: string): Quantiles => {
    const of = (share: number) => {
      const seconds = quantileOf(samples, name, share, before?.samples) ?? quantileOf(samples, name, share);
      return seconds === undefined ? null : seconds * 1_000;
    };
    return { p50: of(0.5), p99: of(0.99) };
  };
  const lags = samples.filter(({ name, value }) => name === 'bus_consumer_lag' && !Number.isNaN(value));
  return {
    ...{ connections: sum('ws_conn_active'), users: sum('ws_users_active') },
    sendsPerSecond: rate('msg_write_total', { result: 'stored' }),
    deliveriesPerSecond: rate('msg_fanout_total'),
    ...{ commitMs: quantiles('msg_write_commit_seconds'), deliveryMs: quantiles('delivery_seconds') },
    outbox: addUp(most('outbox_pending'), most('outbox_events_pending')),
    consumers: Object.fromEntries(lags.map(({ labels, value }) => [labels['consumer'] ?? '?', value])),
    jobs: { ready: most('jobs_ready'), dead: most('jobs_dead'), lateSeconds: most('jobs_late_seconds') },
    changed: changedIn(samples),
    postgres: {
      connections: most('postgres_connections'),
      most: most('postgres_max_connections'),
      bytes: most('postgres_database_bytes'),
    },
  };
}

function changedIn(samples: readonly Sample[]): SystemStatus['changed'] {
  const each = samples.filter(({ name, value }) => name === 'setting_changed' && value === 1);
  const alike = Map.groupBy(each, ({ labels }) => JSON.stringify([labels['setting'], labels['value']]));
  return [...alike.values()]
    .flatMap(([first, ...others]) => {
      const { setting = '?', value = '' } = first?.labels ?? {};
      return [{ setting, value, processes: others.length + 1 }];
    })
    .sort((a, b) => a.setting.localeCompare(b.setting, 'en'));
}

const addUp = (a: number | null, b: number | null) => (a === null && b === null ? null : (a ?? 0) + (b ?? 0));
