/** Tenants as their accounts see them. */
import { ChatError } from '@messagecore/protocol';
import type { TenantSettings } from '@messagecore/protocol/features';
import { withDefaults } from '../../core/tenants/settings.ts';
import { tenants } from '../../core/tenants/tables.ts';
import { isTenantNamed } from '../../core/tenants/tenant-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';

export interface AccountTenant {
  readonly tid: string;
  readonly name: string;
  readonly settings: TenantSettings;
}

/** The tenant with this id or subdomain. Throws `not_found`, `tenant_suspended`. */
export async function findTenant(sql: Sql | Transaction, ref: string): Promise<AccountTenant> {
  const [row] = await db(sql)
    .select({ tid: tenants.id, name: tenants.name, status: tenants.status, settings: tenants.settings })
    .from(tenants)
    .where(isTenantNamed(ref));
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  if (row.status === 'suspended') throw new ChatError('tenant_suspended');
  return { tid: row.tid, name: row.name, settings: withDefaults(row.settings) };
}

/** Throws `forbidden` where nobody may have an account made, invited or not. */
export function checkNotClosed({ signUp }: TenantSettings): void {
  if (signUp.mode === 'closed') throw new ChatError('forbidden', 'nobody may sign up here, invited or not');
}

/** Whether somebody with this address may sign up without an invitation. */
export function maySignUp({ signUp: { mode, domains } }: TenantSettings, email: string): boolean {
  if (mode !== 'domain') return mode === 'open';
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return domains.includes(domain);
}
