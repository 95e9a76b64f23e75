import type { Sql } from '../../platform/database/connect.ts';
import { isUnchanged, readSealed, type SealedRow, type SealedSecrets } from './sealed-secrets.ts';
import type { SecretLocation, Secrets } from './secrets.ts';

const ROWS = 100;

/**
 * Encrypts secrets that are in clear, or encrypted with an older key, with the first key of the ring. What is changed
 * meanwhile stays as it was changed.
 *
 * @returns how many. @throws when a secret was made with a key that the ring does not have; the earlier ones are done.
 */
export async function sealSecrets(sql: Sql, secrets: Secrets, owners: readonly SealedSecrets[]): Promise<number> {
  let sealed = 0;
  for (const owner of owners) {
    for (let last: SealedRow | undefined; ;) {
      const rows = await readSealed(sql, owner, last, ROWS);
      for (const row of rows) sealed += await sealOne(sql, secrets, owner, row);
      last = rows.at(-1);
      if (last === undefined) break;
    }
  }
  return sealed;
}

async function sealOne(sql: Sql, secrets: Secrets, owner: SealedSecrets, from: SealedRow): Promise<number> {
  const { tid, row, clear, sealed } = from;
  if (clear === null && (sealed === null || secrets.isCurrent(sealed))) return 0;
  const location: SecretLocation = { tid, column: owner.column, ...(row !== null && { row }) };
  const secret = clear ?? secrets.open(sealed ?? '', location);
  const { count } = await owner.write(sql, isUnchanged(owner, from), secrets.seal(secret, location));
  return count;
}
