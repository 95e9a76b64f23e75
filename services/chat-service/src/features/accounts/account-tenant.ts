/** Tenants as their accounts see them. */
import { ChatError, TenantId } from '@messagecore/protocol';
import { and, eq, ne } from 'drizzle-orm';
import { z } from 'zod';
import { tenants } from '../../core/tenants/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const SignUpRule = z.object({
  mode: z.enum(['closed', 'open', 'domain', 'invitation']),
  /** Of addresses that may sign up, where the mode is `domain`. */
  domains: z.array(z.string()).default([]),
});

/** What of a tenant's settings concerns accounts. What is not set, or no longer valid, is the default. */
const AccountSettings = z.object({
  signUp: SignUpRule.catch({ mode: 'closed', domains: [] }),
  accessTokenSeconds: z
    .int()
    .min(15 * MINUTE)
    .max(60 * MINUTE)
    .catch(15 * MINUTE),
  refreshTokenSeconds: z
    .int()
    .min(60 * MINUTE)
    .max(90 * DAY)
    .catch(7 * DAY),
});
export type AccountSettings = z.infer<typeof AccountSettings>;

export interface AccountTenant {
  readonly tid: string;
  readonly name: string;
  readonly settings: AccountSettings;
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
  return { tid: row.tid, name: row.name, settings: AccountSettings.parse(row.settings) };
}

/** Whether somebody with this address may sign up. */
export function maySignUp({ signUp: { mode, domains } }: AccountSettings, email: string): boolean {
  if (mode !== 'domain') return mode === 'open';
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return domains.some((each) => each.toLowerCase() === domain);
}
