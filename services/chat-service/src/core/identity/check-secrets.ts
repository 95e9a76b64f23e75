import type { Logger } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import { countByKey, type SealedSecrets } from './sealed-secrets.ts';
import type { Secrets } from './secrets.ts';

/**
 * Finds out at start, not when a secret is needed first, that a key is missing. Warns of secrets that `upkeep.ts` has yet to
 * encrypt with the first key of the ring.
 *
 * @throws Error naming the keys that are missing, and whose secrets they are.
 */
export async function checkSecrets(
  sql: Sql,
  secrets: Secrets,
  owners: readonly SealedSecrets[],
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const missing: string[] = [];
  const stale: Record<string, number> = {};
  for (const owner of owners) {
    for (const { keyId, count } of await countByKey(sql, owner)) {
      if (keyId !== null && !secrets.has(keyId)) missing.push(`${keyId} (${owner.name})`);
      else if (keyId === null || !secrets.isCurrent(`${keyId}.`)) stale[owner.name] = (stale[owner.name] ?? 0) + count;
    }
  }
  if (missing.length > 0)
    throw new Error(`secrets are encrypted with keys that SECRETS_KEYS does not have: ${missing.join(', ')}`);
  if (Object.keys(stale).length > 0)
    log.warn({ secrets: stale }, 'secrets are in clear or encrypted with an older key: run upkeep.ts');
}
