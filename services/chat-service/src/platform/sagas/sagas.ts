/**
 * Durable sagas on top of jobs.
 *
 * Invariants: what a run of a step writes, the saga's new position and the job of the next run commit together, so a
 * process that dies repeats at most what did not commit. When a step fails in all its attempts, the steps are undone from
 * that one backwards; when an undo fails in all its attempts, the saga is `failed` and its job dead, to be replayed.
 */
import { randomUUID } from 'node:crypto';
import { and, eq, sql as part } from '../database/drizzle.ts';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { now } from '../database/expressions.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { JobKind } from '../jobs/job-runner.ts';
import type { Job } from '../jobs/job-store.ts';
import { jobs } from '../jobs/tables.ts';
import type { AnySaga, SagaKind, SagaStatus, SagaStep, SagaView, StepResult } from './saga.ts';
import { sagas } from './tables.ts';

const JOB = 'saga';

export interface NewSaga<S> {
  readonly tid: string;
  readonly subject: string;
  readonly state: S;
  /** How much progress there will be, when it is known. */
  readonly total?: number;
  /** Not before so many milliseconds from now. At once when left out. */
  readonly delayMs?: number;
}

/** Starts a saga when the transaction commits. Returns its id. */
export async function startSaga<S>(
  tx: Transaction,
  { kind }: Pick<SagaKind<S>, 'kind'>,
  saga: NewSaga<S>,
): Promise<string> {
  const { tid, subject, state, total, delayMs = 0 } = saga;
  const id = randomUUID();
  await db(tx).insert(sagas).values({ id, tenantId: tid, kind, subject, status: 'running', state, total });
  await enqueueRun(tx, { tenantId: tid, id, kind }, delayMs);
  return id;
}

/** Which saga a job runs. */
interface SagaJob {
  readonly id: string;
  /** Jobs of an earlier version do not say. */
  readonly kind?: string;
}

type SagaRow = typeof sagas.$inferSelect;

/** The kind of job that runs these sagas. */
export function sagaJobs(kinds: readonly AnySaga[], maxAttempts = 10): JobKind {
  const byName = new Map(kinds.map((kind) => [kind.kind, kind as SagaKind<unknown>]));
  const kindOf = (saga: SagaRow) => {
    const kind = byName.get(saga.kind);
    if (kind === undefined) throw new Error(`nobody runs sagas of kind ${saga.kind}`);
    return kind;
  };
  return {
    kind: JOB,
    maxAttempts: ({ payload }) => byName.get((payload as SagaJob).kind ?? '')?.maxAttempts ?? maxAttempts,
    async run(tx, job) {
      const saga = await lockSaga(tx, job);
      if (saga?.status === 'running') await runStep(tx, kindOf(saga), saga);
      else if (saga?.status === 'compensating' || saga?.status === 'failed') await undoStep(tx, kindOf(saga), saga);
    },
    async giveUp(tx, job, error) {
      const saga = await lockSaga(tx, job);
      if (saga === undefined) return 'ended';
      const next = saga.status === 'running' ? 'compensating' : 'failed';
      await db(tx).update(sagas).set({ status: next, error, updatedAt: now() }).where(eq(sagas.id, saga.id));
      if (next === 'failed') return 'dead';
      await db(tx).delete(jobs).where(eq(jobs.id, job.id));
      await enqueueRun(tx, saga);
      return 'ended';
    },
  };
}

async function runStep(tx: Transaction, { steps }: SagaKind<unknown>, saga: SagaRow): Promise<void> {
  const step = stepAt(steps, saga);
  const result = await step.run(tx, saga.state);
  const next = result.done ? saga.step + 1 : saga.step;
  await save(tx, saga, result, { step: next, status: next < steps.length ? 'running' : 'done' });
}

async function undoStep(tx: Transaction, { steps }: SagaKind<unknown>, saga: SagaRow): Promise<void> {
  const nothing: StepResult<unknown> = { state: saga.state, done: true };
  const result = (await stepAt(steps, saga).undo?.(tx, saga.state)) ?? nothing;
  const next = result.done ? saga.step - 1 : saga.step;
  await save(tx, saga, result, { step: Math.max(0, next), status: next >= 0 ? 'compensating' : 'undone' });
}

function stepAt(steps: readonly SagaStep<unknown>[], { step, kind }: SagaRow): SagaStep<unknown> {
  const found = steps[step];
  if (found === undefined) throw new Error(`saga ${kind} has no step ${step}`);
  return found;
}

interface SagaProgress {
  readonly step: number;
  readonly status: SagaStatus;
}

async function save(
  tx: Transaction,
  saga: SagaRow,
  result: StepResult<unknown>,
  position: SagaProgress,
): Promise<void> {
  const { step, status } = position;
  const progress = part`${sagas.progress} + ${result.progress ?? 0}`;
  await db(tx)
    .update(sagas)
    .set({ step, status, state: result.state, progress, updatedAt: now() })
    .where(eq(sagas.id, saga.id));
  if (status === 'running' || status === 'compensating') await enqueueRun(tx, saga, result.restMs);
}

async function lockSaga(tx: Transaction, { payload }: Job): Promise<SagaRow | undefined> {
  const { id } = payload as SagaJob;
  const [row] = await db(tx).select().from(sagas).where(eq(sagas.id, id)).for('update');
  return row;
}

/**
 * Ends a saga that waits for its first run, as if it had never been asked for; its job then finds nothing to do. False when
 * that run was made, or when there is none.
 */
export async function endWaiting(tx: Transaction, id: string): Promise<boolean> {
  const isWaiting = and(eq(sagas.id, id), eq(sagas.status, 'running'), eq(sagas.step, 0), eq(sagas.progress, 0));
  const { count } = await db(tx).update(sagas).set({ status: 'undone', updatedAt: now() }).where(isWaiting);
  return count === 1;
}

async function enqueueRun(
  tx: Transaction,
  { tenantId, id, kind }: Pick<SagaRow, 'tenantId' | 'id' | 'kind'>,
  delayMs = 0,
): Promise<void> {
  const payload: SagaJob = { id, kind };
  await enqueue(tx, { kind: JOB, tid: tenantId, payload, key: id, delayMs });
}

/** Undefined when the tenant has no such saga. */
export async function readSaga(
  sql: Sql,
  kinds: readonly AnySaga[],
  tid: string,
  id: string,
): Promise<SagaView | undefined> {
  const [row] = await db(sql)
    .select()
    .from(sagas)
    .where(and(eq(sagas.tenantId, tid), eq(sagas.id, id)));
  if (row === undefined) return undefined;
  const steps = kinds.find(({ kind }) => kind === row.kind)?.steps ?? [];
  const ended = row.status === 'done' || row.status === 'undone';
  const { kind, subject, status, progress, total, error } = row;
  const step = ended ? null : (steps[row.step]?.name ?? null);
  return { id, kind, subject, status, step, progress, total, error };
}
