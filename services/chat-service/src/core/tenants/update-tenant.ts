import { ChatError } from '@messagecore/protocol';
import { type UpdateTenant } from '@messagecore/protocol/features';
import { type By, auditTenant } from './audit-tenant.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { subdomainTaken } from './create-tenant.ts';

/** Changes what is named. Throws `not_found`, and `conflict` when the subdomain is taken. */
export async function updateTenant(
  sql: Sql,
  secrets: Secrets,
  by: By,
  tid: string,
  change: UpdateTenant,
): Promise<void> {
  const { name = null, subdomain = null, plan = null, jwtSecret } = change;
  const sealed =
    jwtSecret === undefined || jwtSecret === null
      ? null
      : secrets.seal(jwtSecret, { tid, column: 'tenants.jwt_secret' });
  try {
    await sql.begin(async (tx) => {
      const [before] = await tx<{ name: string; subdomain: string; plan: string }[]>`
        select name, subdomain, plan from tenants where id = ${tid} and status <> 'deleted' for no key update`;
      if (before === undefined) throw new ChatError('not_found', 'no such tenant');
      await tx`
        update tenants set
          name = coalesce(${name}, name), subdomain = coalesce(${subdomain}, subdomain), plan = coalesce(${plan}, plan),
          jwt_secret = case when ${jwtSecret !== undefined} then null else jwt_secret end,
          jwt_secret_sealed = case when ${jwtSecret !== undefined} then ${sealed} else jwt_secret_sealed end,
          updated_at = now()
        where id = ${tid}`;
      await auditTenant(tx, by, tid, 'update', before, withoutSecret(change));
    });
  } catch (error) {
    if (subdomain !== null && isUniqueViolation(error)) throw subdomainTaken(subdomain);
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
