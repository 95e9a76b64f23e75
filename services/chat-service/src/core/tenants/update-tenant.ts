import { ChatError } from '@messagecore/protocol';
import { type UpdateTenant } from '@messagecore/protocol/features';
import { type By, auditTenant } from './audit-tenant.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { subdomainTaken } from './create-tenant.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/** Changes what is named. Throws `not_found`, and `conflict` when the subdomain is taken. */
export async function updateTenant(
  sql: Sql,
  secrets: Secrets,
  by: By,
  tid: string,
  change: UpdateTenant,
): Promise<void> {
  const { name, subdomain, plan, limits, jwtSecret } = change;
  const jwtSecretSealed = jwtSecret ? secrets.seal(jwtSecret, { tid, column: 'tenants.jwt_secret' }) : null;
  const secret = jwtSecret === undefined ? {} : { jwtSecret: null, jwtSecretSealed };
  try {
    await sql.begin(async (tx) => {
      const [before] = await db(tx)
        .select({ name: tenants.name, subdomain: tenants.subdomain, plan: tenants.plan, limits: tenants.limits })
        .from(tenants)
        .where(isTenant(tid))
        .for('no key update');
      if (before === undefined) throw new ChatError('not_found', 'no such tenant');
      await db(tx)
        .update(tenants)
        .set({ name, subdomain, plan, limits, ...secret, updatedAt: now() })
        .where(isTenant(tid));
      await auditTenant(tx, by, tid, 'update', before, withoutSecret(change));
    });
  } catch (error) {
    if (subdomain !== undefined && isUniqueViolation(error)) throw subdomainTaken(subdomain);
    throw error;
  }
}

/** Whether there is a secret now is worth knowing, the secret is nobody's business. */
function withoutSecret({ jwtSecret, ...rest }: UpdateTenant): object {
  return jwtSecret === undefined ? rest : { ...rest, jwtSecret: jwtSecret !== null };
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === '23505';
}
