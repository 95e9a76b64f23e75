/** Accounts with a password, as tests make them. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { HEADERS } from '@messagecore/protocol';
import type { SignedIn, UpdateTenantSettings } from '@messagecore/protocol/features';
import { must, type TestTenant } from '@messagecore/testkit';
import type { z } from 'zod';
import type { System } from './system.ts';

export const PASSWORD = 'a password of the tests';

export interface TestAccount {
  readonly email: string;
  readonly signedIn: SignedIn;
  /** Headers of a request by this user. */
  readonly auth: Readonly<Record<string, string>>;
}

export const authOf = ({ token }: Pick<SignedIn, 'token'>) => ({ authorization: `Bearer ${token}` });

/** What mails would carry, without the mail. */
export async function mailToken(
  { sql }: Pick<System, 'sql'>,
  { tenantId }: TestTenant,
  purpose: 'confirm' | 'reset',
  email: string,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  await sql`
    insert into account_tokens (hash, tenant_id, purpose, email, details, expires_at)
    values (${hash}, ${tenantId}, ${purpose}, ${email}, '{"role":"member","locale":"en"}', now() + interval '1 hour')
    on conflict (tenant_id, purpose, email) do update set hash = excluded.hash, expires_at = excluded.expires_at`;
  return token;
}

/** A new account, signed in on a device. */
export async function newAccount(
  system: Pick<System, 'api' | 'sql'>,
  tenant: TestTenant,
  { email = `${randomUUID()}@example.com`, clientId = 'first' } = {},
): Promise<TestAccount> {
  const token = await mailToken(system, tenant, 'confirm', email);
  const body = { token, password: PASSWORD, displayName: 'Somebody', clientId };
  const signedIn = await must<SignedIn>('POST', `${system.api}/v1/auth/confirm`, { body });
  return { email, signedIn, auth: authOf(signedIn) };
}

/** A tenant at which everybody may sign up. */
export async function openTenant(system: System): Promise<TestTenant> {
  const tenant = await system.tenant();
  await setAccounts(system, tenant, { signUp: { mode: 'open' } });
  return tenant;
}

/** Who may sign up at a tenant, and other settings of accounts. */
export async function setAccounts(
  { api }: Pick<System, 'api'>,
  tenant: TestTenant,
  settings: z.input<typeof UpdateTenantSettings>,
): Promise<void> {
  const headers = { [HEADERS.adminKey]: tenant.adminKey };
  await must('PATCH', `${api}/admin/v1/tenants/${tenant.tenantId}/settings`, { headers, body: settings });
}
