import { ChatError } from '@messagecore/protocol';
import { type TenantSettings, type UpdateTenantSettings } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { type By, auditTenant } from './audit-tenant.ts';
import { withDefaults } from './settings.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/** Changes what is named; `null` takes a setting back. Returns what holds now. Throws `not_found`. */
export function changeSettings(sql: Sql, by: By, tid: string, change: UpdateTenantSettings): Promise<TenantSettings> {
  return sql.begin(async (tx) => {
    const [row] = await db(tx)
      .select({ before: tenants.settings })
      .from(tenants)
      .where(isTenant(tid))
      .for('no key update');
    if (row === undefined) throw new ChatError('not_found', 'no such tenant');
    const { before } = row;
    const set = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
    const settings: Partial<TenantSettings> = Object.fromEntries(set);
    await db(tx).update(tenants).set({ settings, updatedAt: now() }).where(isTenant(tid));
    await auditTenant(tx, by, tid, 'update', { settings: before }, { settings });
    return withDefaults(settings);
  });
}
