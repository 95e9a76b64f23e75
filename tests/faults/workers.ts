/** Scenarios in processes of their own, several at once: none can take another's time, ports or data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isolated, unableToIsolate } from './isolate.ts';
import { readResults, type StoredResult } from './results.ts';
import type { SeedResult } from './run-seed.ts';
import type { Outline } from './scenario.ts';

/** What a worker is to do, one scenario after the other. */
export interface Job {
  readonly scenarios: readonly string[];
  readonly seeds: readonly number[];
  /** That share this machine. */
  readonly clusters: number;
}

/** What it tells of each seed. */
export interface Report extends Pick<SeedResult, 'notes' | 'moments'> {
  readonly scenario: string;
  readonly result: StoredResult;
  /** Path of the history, when a rule was violated. */
  readonly history: string | undefined;
}

/** What it tells of each scenario, as the first thing. */
export interface Begun {
  readonly scenario: string;
}

export interface Observer {
  started(scenario: Outline): void;
  reported(scenario: Outline, report: Report): Promise<void>;
  /** `failure` when it ended before its last seed. */
  ended(scenario: Outline, failure: string | undefined): void;
}

const WORKER = join(import.meta.dirname, 'worker.ts');
/** Of one that was never run; it might be the longest. */
const UNKNOWN_MS = Number.POSITIVE_INFINITY;

interface Plan {
  readonly seeds: readonly number[];
  /** Scenarios at once. */
  readonly parallel: number;
  /** All can share a place, which takes long to start: a worker runs as many as it can. */
  readonly shared: boolean;
}

/** Runs scenarios, at most `parallel` at once, the long ones first; those that need the whole machine alone at the end. */
export async function runWorkers(
  scenarios: readonly Outline[],
  { seeds, parallel, shared }: Plan,
  observer: Observer,
): Promise<void> {
  const ordered = parallel > 1 ? await longestFirst(scenarios) : scenarios;
  const together = ordered.filter(({ alone }) => alone !== true || parallel === 1);
  const clusters = Math.max(1, Math.min(parallel, together.length));
  const queue = shared ? dealt(together, clusters) : together.map((scenario) => [scenario]);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await runGroup(next, { seeds, clusters }, observer);
    }
  };
  await Promise.all(Array.from({ length: clusters }, work));
  const rest = ordered.filter(({ alone }) => alone === true && parallel > 1);
  for (const scenario of rest) await runGroup([scenario], { seeds, clusters: 1 }, observer);
}

/** As for a game of cards: each hand has some of the long ones. */
function dealt(scenarios: readonly Outline[], hands: number): (readonly Outline[])[] {
  return Array.from({ length: hands }, (_, hand) => scenarios.filter((_scenario, n) => n % hands === hand));
}

/** In one worker; where it ends early, what comes after the scenario that it ended in has another one. */
async function runGroup(group: readonly Outline[], runs: Omit<Job, 'scenarios'>, observer: Observer): Promise<void> {
  for (let left = group; left.length > 0;) {
    const last = await runWorker(left, { ...runs, scenarios: left.map(({ name }) => name) }, observer);
    left = left.slice(left.indexOf(last) + 1);
  }
}

async function longestFirst(scenarios: readonly Outline[]): Promise<Outline[]> {
  const known = await Promise.all(
    scenarios.map(async (scenario) => ({ scenario, tookMs: averageOf(await readResults(scenario.name)) })),
  );
  return known.toSorted((a, b) => (a.tookMs === b.tookMs ? 0 : b.tookMs - a.tookMs)).map(({ scenario }) => scenario);
}

function averageOf(results: readonly StoredResult[]): number {
  const took = results.flatMap(({ tookMs }) => tookMs ?? []);
  return took.length === 0 ? UNKNOWN_MS : took.reduce((sum, ms) => sum + ms, 0) / took.length;
}

/** Returns the last scenario that it began. */
async function runWorker(group: readonly Outline[], job: Job, observer: Observer): Promise<Outline> {
  let current = group[0]!;
  observer.started(current);
  const goOnTo = (name: string) => {
    const next = group.find((scenario) => scenario.name === name);
    if (next === undefined || next === current) return;
    observer.ended(current, undefined);
    current = next;
    observer.started(current);
  };
  const own = [process.execPath, WORKER, JSON.stringify(job)] as const;
  // Among others in a network of its own where that can be had: a server that is down for a moment keeps its port.
  const isolate = group.some((scenario) => scenario.isolated === true);
  const apart = isolate || (job.clusters > 1 && (await unableToIsolate()) === undefined);
  const [program, ...args] = apart ? isolated(own[0], own.slice(1)) : own;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // One after the other, as each may write to files.
  let messages = Promise.resolve();
  child.on('message', (message) => {
    messages = messages.then(async () => {
      const told = message as Report | Begun;
      goOnTo(told.scenario);
      if ('result' in told) await observer.reported(current, told);
    });
  });
  const code = await Promise.race([
    once(child, 'close').then(([exitCode, signal]) => (exitCode ?? signal) as number | string),
    once(child, 'error').then(([error]) => String(error)),
  ]);
  await messages;
  observer.ended(current, code === 0 ? undefined : `its process ended with ${code}`);
  return current;
}
