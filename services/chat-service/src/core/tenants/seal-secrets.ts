import type { SecretLocation, Secrets } from '../identity/secrets.ts';
import type { Sql } from '../../platform/database/connect.ts';

const ROWS = 100;

interface Row {
  readonly tid: string;
  readonly clear: string | null;
  readonly sealed: string | null;
}

/**
 * Encrypts the tenants' secrets that are in clear, or encrypted with an older key, with the first key of the ring. What a
 * tenant changes meanwhile stays as it was changed.
 *
 * @returns how many. @throws when a secret was made with a key that the ring does not have; the earlier ones are done.
 */
export async function sealSecrets(sql: Sql, secrets: Secrets): Promise<number> {
  let sealed = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await sql<Row[]>`
      select id as tid, jwt_secret as clear, jwt_secret_sealed as sealed from tenants
      where id > ${after} and coalesce(jwt_secret, jwt_secret_sealed) is not null order by id limit ${ROWS}`;
    for (const row of rows) sealed += await sealOne(sql, secrets, row);
    const last = rows.at(-1);
    if (last === undefined) return sealed;
    after = last.tid;
  }
}

async function sealOne(sql: Sql, secrets: Secrets, { tid, clear, sealed }: Row): Promise<number> {
  const location: SecretLocation = { tid, column: 'tenants.jwt_secret' };
  if (clear === null && (sealed === null || secrets.isCurrent(sealed))) return 0;
  const secret = clear ?? secrets.open(sealed ?? '', location);
  const { count } = await sql`
    update tenants set jwt_secret = null, jwt_secret_sealed = ${secrets.seal(secret, location)}
    where id = ${tid} and jwt_secret is not distinct from ${clear} and jwt_secret_sealed is not distinct from ${sealed}`;
  return count;
}
