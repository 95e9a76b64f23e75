/** What is done after an upgrade and after a change of the ring of keys. */
import type { Secrets } from '../core/identity/secrets.ts';
import { sealSecrets } from '../core/tenants/seal-secrets.ts';
import { writeSearchNames } from '../core/users/write-search-names.ts';
import { sealAccounts } from '../features/accounts/feature.ts';
import type { Sql } from '../platform/database/connect.ts';

/** Returns how many secrets were encrypted anew, and how many users are found by their names now. */
export async function keepUp(sql: Sql, secrets: Secrets): Promise<{ secrets: number; names: number }> {
  const ofTenants = await sealSecrets(sql, secrets);
  const ofAccounts = await sealAccounts(sql, secrets);
  return { secrets: ofTenants + ofAccounts, names: await writeSearchNames(sql) };
}
