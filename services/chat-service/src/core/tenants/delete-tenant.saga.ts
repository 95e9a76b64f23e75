/**
 * Deletes a tenant with everything that it has (TEN-1, HOOK-5): after a time of grace its files, what the bus and Redis keep
 * of it, then its rows, table by table in pieces, and at the end its own row. What is left is one entry in the platform's
 * log.
 */
import { eq } from '../../platform/database/drizzle.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { PLATFORM_TENANT } from '../../platform/jobs/enqueue.ts';
import type { SagaKind, SagaStep, StepResult } from '../../platform/sagas/saga.ts';
import type { By } from './audit-tenant.ts';
import { tenants } from './tables.ts';
import { deletePiece, FIRST_OWNER, tenantTables } from './tenant-rows.ts';

/** What is kept of tenants outside of the database, and taken away by whoever keeps it. */
export interface Trace {
  readonly name: string;
  /** Deletes some of it. Returns how much; 0 when nothing is left. */
  readonly erase: (tid: string) => Promise<number>;
}

export interface DeletionState {
  readonly tid: string;
  /** Who asked for it; left out when it is done. */
  readonly by?: By;
  readonly before: 'active' | 'suspended';
  readonly graceMs: number;
  /** The table under way, and the conversation or user up to which it is done. */
  readonly table?: string;
  readonly after?: string;
}

export const DELETE_TENANT = 'delete tenant';

/** What is half deleted is of no use to anybody: it is tried until it succeeds. */
const FOR_EVER = 1_000_000_000;

export function deleteTenantSaga(traces: readonly Trace[]): SagaKind<DeletionState> {
  return {
    kind: DELETE_TENANT,
    maxAttempts: FOR_EVER,
    steps: [
      // Its job waits for the end of the time of grace. From its commit on nothing can be taken back.
      { name: 'grace', run: async (_tx, state) => ({ state, done: true }) },
      ...traces.map(stepOf),
      { name: 'rows', run: deleteRows },
      { name: 'tenant', run: deleteLast },
    ],
  };
}

function stepOf({ name, erase }: Trace): SagaStep<DeletionState> {
  return {
    name,
    async run(_tx, state) {
      const progress = await erase(state.tid);
      return { state, done: progress === 0, progress };
    },
  };
}

/** Rows in one run, and statements, each of which looks for the rows of some hundred conversations or users. */
const ROWS = 10_000;
const STATEMENTS = 50;

async function deleteRows(tx: Transaction, state: DeletionState): Promise<StepResult<DeletionState>> {
  const { table: under, after: from = FIRST_OWNER, ...rest } = state;
  const tables = await tenantTables(tx);
  // A table that a newer version has dropped meanwhile: from the beginning, where little is left.
  let place = Math.max(
    0,
    tables.findIndex(({ name }) => name === under),
  );
  let [after, progress] = [from, 0];
  for (let n = 0; n < STATEMENTS && progress < ROWS; n += 1) {
    const table = tables[place];
    if (table === undefined) return { state: rest, done: true, progress };
    const { rows, next } = await deletePiece(tx, table, state.tid, after);
    progress += rows;
    if (next === undefined) place += 1;
    after = next ?? FIRST_OWNER;
  }
  const table = tables[place];
  if (table === undefined) return { state: rest, done: true, progress };
  return { state: { ...rest, table: table.name, after }, done: false, progress };
}

/** What was written while the rows were deleted goes first; the tenant itself only when there is nothing else. */
async function deleteLast(tx: Transaction, state: DeletionState): Promise<StepResult<DeletionState>> {
  const { tid, by, ...rest } = state;
  let late = 0;
  for (const table of await tenantTables(tx)) late += (await deletePiece(tx, table, tid, FIRST_OWNER)).rows;
  if (late > 0) return { state, done: false, progress: late };
  const [gone] = await db(tx)
    .delete(tenants)
    .where(eq(tenants.id, tid))
    .returning({ subdomain: tenants.subdomain, plan: tenants.plan });
  const told = { action: 'delete_tenant', target: `tenant:${tid}`, before: gone };
  await appendAudit(tx, PLATFORM_TENANT, { actor: by?.actor ?? 'operator', address: by?.address ?? '', ...told });
  return { state: { ...rest, tid }, done: true, progress: 1 };
}
