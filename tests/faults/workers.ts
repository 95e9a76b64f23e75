/** Scenarios in processes of their own, several at once: none can take another's time, ports or data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isolated, unableToIsolate } from './isolate.ts';
import { readResults, type StoredResult } from './results.ts';
import type { SeedResult } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** What a worker is to do. */
export interface Job {
  readonly scenario: string;
  readonly seeds: readonly number[];
  /** That share this machine. */
  readonly clusters: number;
}

/** What it tells of each seed. */
export interface Report extends Pick<SeedResult, 'notes' | 'moments'> {
  readonly result: StoredResult;
  /** Path of the history, when a rule was violated. */
  readonly history: string | undefined;
}

export interface Observer {
  started(scenario: Scenario): void;
  reported(scenario: Scenario, report: Report): Promise<void>;
  /** `failure` when it ended before its last seed. */
  ended(scenario: Scenario, failure: string | undefined): void;
}

const WORKER = join(import.meta.dirname, 'worker.ts');
/** Of one that was never run; it might be the longest. */
const UNKNOWN_MS = Number.POSITIVE_INFINITY;

/** Runs scenarios, at most `parallel` at once, the long ones first; those that need the whole machine alone at the end. */
export async function runWorkers(
  scenarios: readonly Scenario[],
  { seeds, parallel }: { readonly seeds: readonly number[]; readonly parallel: number },
  observer: Observer,
): Promise<void> {
  const ordered = parallel > 1 ? await longestFirst(scenarios) : scenarios;
  const queue = ordered.filter(({ alone }) => alone !== true || parallel === 1);
  const clusters = Math.max(1, Math.min(parallel, queue.length));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await runWorker(next, { scenario: next.name, seeds, clusters }, observer);
    }
  };
  await Promise.all(Array.from({ length: clusters }, work));
  const rest = ordered.filter(({ alone }) => alone === true && parallel > 1);
  for (const scenario of rest) await runWorker(scenario, { scenario: scenario.name, seeds, clusters: 1 }, observer);
}

async function longestFirst(scenarios: readonly Scenario[]): Promise<Scenario[]> {
  const known = await Promise.all(
    scenarios.map(async (scenario) => ({ scenario, tookMs: averageOf(await readResults(scenario.name)) })),
  );
  return known.toSorted((a, b) => (a.tookMs === b.tookMs ? 0 : b.tookMs - a.tookMs)).map(({ scenario }) => scenario);
}

function averageOf(results: readonly StoredResult[]): number {
  const took = results.flatMap(({ tookMs }) => tookMs ?? []);
  return took.length === 0 ? UNKNOWN_MS : took.reduce((sum, ms) => sum + ms, 0) / took.length;
}

async function runWorker(scenario: Scenario, job: Job, observer: Observer): Promise<void> {
  observer.started(scenario);
  const own = [process.execPath, WORKER, JSON.stringify(job)] as const;
  // Among others in a network of its own where that can be had: a server that is down for a moment keeps its port.
  const apart = scenario.isolated === true || (job.clusters > 1 && (await unableToIsolate()) === undefined);
  const [program, ...args] = apart ? isolated(own[0], own.slice(1)) : own;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // One after the other, as each may write to files.
  let reports = Promise.resolve();
  child.on('message', (report) => {
    reports = reports.then(() => observer.reported(scenario, report as Report));
  });
  const code = await Promise.race([
    once(child, 'close').then(([exitCode, signal]) => (exitCode ?? signal) as number | string),
    once(child, 'error').then(([error]) => String(error)),
  ]);
  await reports;
  observer.ended(scenario, code === 0 ? undefined : `its process ended with ${code}`);
}
