/**
 * Durable sagas on top of jobs.
 *
 * Invariants: what a run of a step writes, the saga's new position and the job of the next run commit together, so a
 * process that dies repeats at most what did not commit. When a step fails in all its attempts, the steps are undone from
 * that one backwards; when an undo fails in all its attempts, the saga is `failed` and its job dead, to be replayed.
 */
import { randomUUID } from 'node:crypto';
import type { Sql, Transaction } from '../database/connect.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { JobKind } from '../jobs/job-runner.ts';
import type { Job } from '../jobs/job-store.ts';
import type { AnySaga, SagaKind, SagaStatus, SagaStep, SagaView, StepResult } from './saga.ts';

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
export async function startSaga<S>(tx: Transaction, { kind }: SagaKind<S>, saga: NewSaga<S>): Promise<string> {
  const { tid, subject, state, total = null, delayMs = 0 } = saga;
  const id = randomUUID();
  await tx`
    insert into sagas (id, tenant_id, kind, subject, status, state, total)
    values (${id}, ${tid}, ${kind}, ${subject}, 'running', ${JSON.stringify(state)}::text::jsonb, ${total})`;
  await enqueueRun(tx, { tid, id, kind }, delayMs);
  return id;
}

/** Which saga a job runs. */
interface SagaJob {
  readonly id: string;
  /** Jobs of an earlier version do not say. */
  readonly kind?: string;
}

interface SagaRow {
  readonly id: string;
  readonly tid: string;
  readonly kind: string;
  readonly status: SagaStatus;
  readonly step: number;
  readonly state: unknown;
}

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
      await tx`update sagas set status = ${next}, error = ${error}, updated_at = now() where id = ${saga.id}`;
      if (next === 'failed') return 'dead';
      await tx`delete from jobs where id = ${job.id}`;
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
  await tx`
    update sagas
    set step = ${step}, status = ${status}, state = ${JSON.stringify(result.state)}::text::jsonb,
      progress = progress + ${result.progress ?? 0}, updated_at = now()
    where id = ${saga.id}`;
  if (status === 'running' || status === 'compensating') await enqueueRun(tx, saga);
}

async function lockSaga(tx: Transaction, { payload }: Job): Promise<SagaRow | undefined> {
  const { id } = payload as SagaJob;
  const [row] = await tx<SagaRow[]>`
    select id, tenant_id as tid, kind, status, step, state from sagas where id = ${id} for update`;
  return row;
}

async function enqueueRun(
  tx: Transaction,
  { tid, id, kind }: Pick<SagaRow, 'tid' | 'id' | 'kind'>,
  delayMs = 0,
): Promise<void> {
  const payload: SagaJob = { id, kind };
  await enqueue(tx, { kind: JOB, tid, payload, key: id, delayMs });
}

/** Undefined when the tenant has no such saga. */
export async function readSaga(sql: Sql, kinds: readonly AnySaga[], tid: string, id: string) {
  const [row] = await sql<(Omit<SagaView, 'step'> & { step: number })[]>`
    select id, kind, subject, status, step, progress, total, error from sagas where tenant_id = ${tid} and id = ${id}`;
  if (row === undefined) return undefined;
  const steps = kinds.find(({ kind }) => kind === row.kind)?.steps ?? [];
  const ended = row.status === 'done' || row.status === 'undone';
  const view: SagaView = { ...row, step: ended ? null : (steps[row.step]?.name ?? null) };
  return view;
}
