import type { Logger } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import type { Secrets } from './secrets.ts';

/**
 * Finds out at start, not at the first token, that a key is missing. Warns of secrets that `upkeep.ts` has yet to encrypt
 * with the first key of the ring.
 *
 * Raw SQL: tenants are described above.
 *
 * @throws Error naming the keys that are missing.
 */
export async function checkSecrets(sql: Sql, secrets: Secrets, log: Pick<Logger, 'warn'>): Promise<void> {
  const rows = await sql<{ keyId: string | null; tenants: number }[]>`
    select split_part(jwt_secret_sealed, '.', 1) as "keyId", count(*)::int as tenants from tenants
    where coalesce(jwt_secret, jwt_secret_sealed) is not null and status <> 'deleted' group by 1`;
  const missing = rows.flatMap(({ keyId }) => (keyId === null || secrets.has(keyId) ? [] : [keyId]));
  if (missing.length > 0) {
    throw new Error(
      `secrets of tenants are encrypted with keys that SECRETS_KEYS does not have: ${missing.join(', ')}`,
    );
  }
  const stale = rows.filter(({ keyId }) => keyId === null || !secrets.isCurrent(`${keyId}.`));
  const tenants = stale.reduce((sum, row) => sum + row.tenants, 0);
  if (tenants > 0) log.warn({ tenants }, 'secrets are in clear or encrypted with an older key: run upkeep.ts');
}
