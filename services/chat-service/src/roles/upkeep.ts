/** What is done after an upgrade and after a change of the ring of keys. */
import { sealSecrets } from '../core/identity/seal-secrets.ts';
import type { Secrets } from '../core/identity/secrets.ts';
import { writeSearchNames } from '../core/users/write-search-names.ts';
import type { Sql } from '../platform/database/connect.ts';
import { sealedSecrets } from './features.ts';

/** Returns how many secrets were encrypted anew, and how many users are found by their names now. */
export async function keepUp(sql: Sql, secrets: Secrets): Promise<{ secrets: number; names: number }> {
  return { secrets: await sealSecrets(sql, secrets, await sealedSecrets()), names: await writeSearchNames(sql) };
}
