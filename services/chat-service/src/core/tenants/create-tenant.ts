import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { ALL_SCOPES, type CreateTenant } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { Secrets } from '../identity/secrets.ts';
import { type By, auditKey, auditTenant } from './audit-tenant.ts';
import { insertApiKey } from './create-api-key.ts';
import { tenants } from './tables.ts';

export interface CreatedTenant {
  readonly tid: string;
  /** The first key, with every scope: shown once. */
  readonly apiKey: string;
}

/** Creates a tenant with its first API key. Throws `conflict` when the subdomain is taken. */
export async function createTenant(
  sql: Sql,
  secrets: Secrets,
  by: By,
  { name, subdomain, plan, jwtSecret }: CreateTenant,
): Promise<CreatedTenant> {
  const tid = randomUUID();
  const sealed = jwtSecret === undefined ? null : secrets.seal(jwtSecret, { tid, column: 'tenants.jwt_secret' });
  return sql.begin(async (tx) => {
    const [created] = await db(tx)
      .insert(tenants)
      .values({ id: tid, name, subdomain, plan, jwtSecretSealed: sealed })
      .onConflictDoNothing({ target: tenants.subdomain })
      .returning({ id: tenants.id });
    if (created === undefined) throw subdomainTaken(subdomain);
    const first = { name: 'default', scopes: [...ALL_SCOPES] };
    const { keyId, key } = await insertApiKey(tx, tid, first);
    await auditTenant(tx, by, tid, 'create', undefined, { name, subdomain, plan, jwtSecret: jwtSecret !== undefined });
    await auditKey(tx, by, tid, keyId, 'create', { after: first });
    return { tid, apiKey: key };
  });
}

export function subdomainTaken(subdomain: string): ChatError {
  const errors = [{ path: 'subdomain', message: 'taken' }];
  return new ChatError('conflict', `the subdomain ${subdomain} is taken`, { errors });
}
