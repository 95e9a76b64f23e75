import { type ScimSettings, scimOperations as operations, type TenantRole } from '@messagecore/protocol/features';
import { eq } from '../../platform/database/drizzle.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { OperationCaller, OperatorOnDuty } from '../../platform/operations/types.ts';
import { GIVE_ROLES, type Progress } from './give-roles.job.ts';
import { scimSettings } from './tables.ts';

type By = Pick<OperatorOnDuty | OperationCaller, 'actor' | 'address'>;

export function bindScim(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.getScim, (_, { id }) => readSettings(sql, id)),
    bindOperation(operations.updateScim, (by, { id, roles }) => saveSettings(sql, by, id, { roles })),
    bindOperation(operations.getOwnScim, ({ tid }) => readSettings(sql, tid)),
    bindOperation(operations.updateOwnScim, (by, { roles }) => saveSettings(sql, by, by.tid, { roles })),
  ];
}

async function readSettings(sql: Sql | Transaction, tid: string): Promise<ScimSettings> {
  const [row] = await db(sql).select().from(scimSettings).where(eq(scimSettings.tenantId, tid));
  return {
    roles: (row?.roles ?? []).map(({ group, role }) => ({ group, role: role as Exclude<TenantRole, 'owner' | 'bot'> })),
  };
}

/** Members of groups get the new roles soon after. Throws `not_found`. */
function saveSettings(sql: Sql, { actor, address }: By, tid: string, settings: ScimSettings): Promise<ScimSettings> {
  return sql.begin(async (tx) => {
    await lockTenant(tx, tid);
    const before = await readSettings(tx, tid);
    const { roles } = settings;
    const target = scimSettings.tenantId;
    await db(tx).insert(scimSettings).values({ tenantId: tid, roles }).onConflictDoUpdate({ target, set: { roles } });
    await enqueue(tx, { kind: GIVE_ROLES, tid, payload: { after: null } satisfies Progress });
    const change = { target: `tenant:${tid}`, before, after: settings };
    await appendAudit(tx, tid, { actor, address, action: 'update_scim', ...change });
    return settings;
  });
}
