/** The deletion of a tenant is asked for, watched and taken back. */
import { ChatError } from '@messagecore/protocol';
import { type TenantDeletion } from '@messagecore/protocol/features';
import { and, desc, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, now } from '../../platform/database/expressions.ts';
import { PLATFORM_TENANT } from '../../platform/jobs/enqueue.ts';
import type { AnySaga, SagaKind } from '../../platform/sagas/saga.ts';
import { endWaiting, startSaga } from '../../platform/sagas/sagas.ts';
import { sagas } from '../../platform/sagas/tables.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { tenantEvent } from '../outbox/events.ts';
import { type By, auditTenant } from './audit-tenant.ts';
import { DELETE_TENANT, type DeletionState } from './delete-tenant.saga.ts';
import { tenants } from './tables.ts';

const HOUR_MS = 3_600_000;

export interface DeletionDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly deletion: SagaKind<DeletionState>;
}

/**
 * From the commit on the tenant is as if it were not there: keys and tokens are refused, sessions end, the operator finds
 * it here alone. Its rows go after the time of grace. Throws `not_found`, and `conflict` when it is being deleted already.
 */
export async function startDeletion(
  { sql, publishEvents, deletion }: DeletionDeps,
  by: By,
  tid: string,
  graceHours: number,
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const before = await lockStatus(tx, tid);
    if (before === 'deleted') throw new ChatError('conflict', 'the tenant is being deleted already');
    await db(tx).update(tenants).set({ status: 'deleted', updatedAt: now() }).where(eq(tenants.id, tid));
    const graceMs = Math.round(graceHours * HOUR_MS);
    const state: DeletionState = { tid, by: { actor: by.actor, address: by.address }, before, graceMs };
    await startSaga(tx, deletion, { tid: PLATFORM_TENANT, subject: tid, state, delayMs: graceMs });
    await emit(tenantEvent(tid, { v: 1, event: 'suspended' }));
    await auditTenant(tx, by, tid, 'delete', { status: before }, { status: 'deleted', graceHours });
  });
}

/** Throws `not_found`, and `conflict` when the time of grace is over. */
export async function cancelDeletion({ sql, publishEvents }: DeletionDeps, by: By, tid: string): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const found = await findDeletion(tx, tid);
    if (found === undefined) throw nothing();
    if (!(await endWaiting(tx, found.id))) throw new ChatError('conflict', 'the time of grace is over');
    const { before: status } = found.state;
    await db(tx).update(tenants).set({ status, updatedAt: now() }).where(eq(tenants.id, tid));
    if (status === 'active') await emit(tenantEvent(tid, { v: 1, event: 'reactivated' }));
    await auditTenant(tx, by, tid, 'undelete', { status: 'deleted' }, { status });
  });
}

/** Throws `not_found` for a tenant whose deletion nobody has asked for, or that was taken back. */
export async function getDeletion(sql: Sql, kind: AnySaga, tid: string): Promise<TenantDeletion> {
  const found = await findDeletion(sql, tid);
  if (found === undefined) throw nothing();
  const { status, step, progress, error, createdAt: requestedAt, updatedAt, state } = found;
  const isDone = status === 'done';
  return {
    tenantId: tid,
    status: isDone ? 'done' : step === 0 ? 'waiting' : 'running',
    step: isDone ? null : (kind.steps[step]?.name ?? null),
    ...{ progress, error, requestedAt, startsAt: requestedAt + state.graceMs, updatedAt },
  };
}

const nothing = () => new ChatError('not_found', 'no deletion of such a tenant');

async function lockStatus(tx: Transaction, tid: string): Promise<'active' | 'suspended' | 'deleted'> {
  const [row] = await db(tx).select({ status: tenants.status }).from(tenants).where(eq(tenants.id, tid)).for('update');
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  return row.status;
}

/** The latest one that was not taken back. */
async function findDeletion(sql: Sql | Transaction, tid: string) {
  const isOfIt = and(eq(sagas.tenantId, PLATFORM_TENANT), eq(sagas.kind, DELETE_TENANT), eq(sagas.subject, tid));
  const [found] = await db(sql)
    .select({
      id: sagas.id,
      status: sagas.status,
      step: sagas.step,
      state: sagas.state,
      progress: sagas.progress,
      error: sagas.error,
      createdAt: millis(sagas.createdAt),
      updatedAt: millis(sagas.updatedAt),
    })
    .from(sagas)
    .where(isOfIt)
    .orderBy(desc(sagas.createdAt))
    .limit(1);
  if (found === undefined || found.status === 'undone') return undefined;
  return { ...found, state: found.state as DeletionState };
}
