/** Tenants as their accounts see them. */
import { ChatError, TenantId } from '@messagecore/protocol';
import type { TenantSettings } from '@messagecore/protocol/features';
import { and, eq, ne } from 'drizzle-orm';
import { withDefaults } from '../../core/tenants/settings.ts';
import { tenants } from '../../core/tenants/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';

export interface AccountTenant {
  readonly tid: string;
  readonly name: string;
  readonly settings: TenantSettings;
}

/** The tenant with this id or subdomain. Throws `not_found`, `tenant_suspended`. */
export async function findTenant(sql: Sql | Transaction, ref: string): Promise<AccountTenant> {
  const isNamed = TenantId.safeParse(ref).success ? eq(tenants.id, ref) : eq(tenants.subdomain, ref);
  const [row] = await db(sql)
    .select({ tid: tenants.id, name: tenants.name, status: tenants.status, settings: tenants.settings })
    .from(tenants)
    .where(and(isNamed, ne(tenants.status, 'deleted')));
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  if (row.status === 'suspended') throw new ChatError('tenant_suspended');
  return { tid: row.tid, name: row.name, settings: withDefaults(row.settings) };
}

/** Whether somebody with this address may sign up. */
export function maySignUp({ signUp: { mode, domains } }: TenantSettings, email: string): boolean {
  if (mode !== 'domain') return mode === 'open';
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return domains.includes(domain);
}
