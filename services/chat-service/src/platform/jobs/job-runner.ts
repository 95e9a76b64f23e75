/**
 * Runs jobs, what each writes once.
 *
 * A job is ended in one transaction, which also deletes its row: what it writes and its end commit together. A runner that
 * dies leaves the row, which becomes ready again when the lease ends. What a job causes elsewhere is its `effect`, before
 * that, outside of the database or in other transactions, and can happen twice; whoever can tell a repeat is told what is
 * made of the job's `id`, as a mail's Message-ID is.
 *
 * Invariants: a job never runs before its `run_at`, by the database's clock; of two attempts of one job at most one
 * commits; each attempt is counted before it starts, so a job that kills its process is dead after its last attempt.
 */
import { Backoff, type Clock, type Random, systemClock } from '@messagecore/kernel';
import { type Logger, startLoop } from '@messagecore/runtime';
import type { Sql, Transaction } from '../database/connect.ts';
import { claim, fail, finish, type Job, promoteDue } from './job-store.ts';

export interface JobKind {
  readonly kind: string;
  /**
   * What the job causes outside of the database or in transactions of its own, before the one that ends it, so that that one
   * waits for nobody. Can happen twice. Must end well within a lease. `run` gets what it returns.
   */
  readonly effect?: (sql: Sql, job: Job) => Promise<unknown>;
  /**
   * The work, in the transaction that ends the job. Longer work does a part and enqueues the rest. What it returns is called
   * after the commit, unless the process dies: it makes known at once what is found later anyway.
   */
  readonly run?: (tx: Transaction, job: Job, effect?: unknown) => Promise<void | (() => void)>;
  /** Attempts before the job is given up. 10 when left out. */
  readonly maxAttempts?: number | ((job: Job) => number);
  /**
   * Called when the last attempt has failed, in a transaction. `ended` deletes the job, `dead` leaves it to be looked at
   * and replayed, which is also what happens when this is left out.
   */
  readonly giveUp?: (tx: Transaction, job: Job, error: string) => Promise<'ended' | 'dead'>;
}

export interface JobRunnerOptions {
  /** Connections of their own: jobs never take those of requests. One more than `concurrency`. */
  readonly sql: Sql;
  readonly kinds: readonly JobKind[];
  readonly log: Logger;
  /** Jobs at the same time in this process. */
  readonly concurrency?: number;
  /** How long a dead runner's job waits for the next one. Work takes much less. */
  readonly leaseMs?: number;
  readonly pollMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of each attempt. */
  readonly onAttempt?: (kind: string, result: 'done' | 'failed' | 'dead' | 'taken over') => void;
}

export interface JobRunner {
  /** Looks for jobs now. */
  poke(): void;
  /** Takes no more jobs; settles when those under way have ended. */
  stop(): Promise<void>;
}

const MAX_ATTEMPTS = 10;
const RETRY = { minMs: 1_000, maxMs: 300_000 };

/** Sorts before every tenant. */
const FIRST_TURN = '00000000-0000-0000-0000-000000000000';

export function startJobRunner(options: JobRunnerOptions): JobRunner {
  const { sql, log, concurrency = 4, leaseMs = 60_000, pollMs = 1_000, clock = systemClock } = options;
  const kinds = new Map(options.kinds.map((kind) => [kind.kind, kind]));
  const underWay = new Set<Promise<void>>();
  let after = FIRST_TURN;

  const loop = startLoop({ name: 'jobs', everyMs: pollMs, log, clock, step });

  async function step(signal: AbortSignal): Promise<void> {
    await promoteDue(sql);
    while (!signal.aborted) {
      if (underWay.size >= concurrency) await Promise.race(underWay);
      else if ((await startJobs()) === 0) return;
    }
  }

  /** Starts as many jobs as there is room for. Returns how many it found. */
  async function startJobs(): Promise<number> {
    const found = await claim(sql, { kinds: [...kinds.keys()], limit: concurrency - underWay.size, leaseMs, after });
    if (found.length === 0 && after !== FIRST_TURN) {
      after = FIRST_TURN;
      return startJobs();
    }
    after = found.at(-1)?.tid ?? FIRST_TURN;
    for (const job of found) {
      const running = attempt(options, kinds.get(job.kind), job).then((done) => {
        underWay.delete(running);
        // It may have enqueued the next piece.
        if (done) loop.poke();
      });
      underWay.add(running);
    }
    return found.length;
  }

  return {
    poke: () => loop.poke(),
    async stop() {
      await loop.stop();
      await Promise.all(underWay);
    },
  };
}

/** Returns whether the job has ended. Never rejects: what fails here is tried again when the lease ends. */
async function attempt(options: JobRunnerOptions, kind: JobKind | undefined, job: Job): Promise<boolean> {
  const { sql, log, onAttempt = () => {} } = options;
  if (kind === undefined) throw new Error(`nobody runs jobs of kind ${job.kind}`);
  try {
    const effect = await kind.effect?.(sql, job);
    const ended = await sql.begin(async (tx) => {
      if (!(await finish(tx, job))) return undefined;
      return { committed: await kind.run?.(tx, job, effect) };
    });
    ended?.committed?.();
    const done = ended !== undefined;
    onAttempt(job.kind, done ? 'done' : 'taken over');
    return done;
  } catch (err) {
    const last = job.attempt >= attemptsOf(kind, job);
    const about = { err, job: job.id, tid: job.tid, kind: job.kind, attempt: job.attempt };
    if (last) log.error(about, 'job failed in all its attempts');
    else log.warn(about, 'job failed');
    onAttempt(job.kind, last ? 'dead' : 'failed');
    const error = err instanceof Error ? err.message : String(err);
    const settled = last
      ? giveUp(sql, kind, job, error)
      : fail(sql, job, error, retryAfter(job.attempt, options.random));
    await settled.catch((failure: unknown) =>
      log.warn({ err: failure, job: job.id }, 'failure of a job not written down'),
    );
    return false;
  }
}

function attemptsOf({ maxAttempts = MAX_ATTEMPTS }: JobKind, job: Job): number {
  return typeof maxAttempts === 'number' ? maxAttempts : maxAttempts(job);
}

async function giveUp(sql: Sql, kind: JobKind, job: Job, error: string): Promise<void> {
  await sql.begin(async (tx) => {
    const outcome = (await kind.giveUp?.(tx, job, error)) ?? 'dead';
    if (outcome === 'ended') await finish(tx, job);
    else await fail(tx, job, error, undefined);
  });
}

/** Exponential with jitter, from a second to five minutes. */
function retryAfter(attempt: number, random: Random = Math.random): number {
  const backoff = new Backoff({ ...RETRY, random });
  for (let n = 1; n < attempt; n += 1) backoff.next();
  return backoff.next();
}
