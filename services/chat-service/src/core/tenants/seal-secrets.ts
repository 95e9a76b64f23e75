import { and, eq, gt, isNull } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { SecretLocation, Secrets } from '../identity/secrets.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from './tables.ts';
import { hasSecret } from './tenant-queries.ts';

const ROWS = 100;

/**
 * Encrypts the tenants' secrets that are in clear, or encrypted with an older key, with the first key of the ring. What a
 * tenant changes meanwhile stays as it was changed.
 *
 * @returns how many. @throws when a secret was made with a key that the ring does not have; the earlier ones are done.
 */
export async function sealSecrets(sql: Sql, secrets: Secrets): Promise<number> {
  let sealed = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await db(sql)
      .select({ tid: tenants.id, clear: tenants.jwtSecret, sealed: tenants.jwtSecretSealed })
      .from(tenants)
      .where(and(gt(tenants.id, after), hasSecret()))
      .orderBy(tenants.id)
      .limit(ROWS);
    for (const row of rows) sealed += await sealOne(sql, secrets, row);
    const last = rows.at(-1);
    if (last === undefined) return sealed;
    after = last.tid;
  }
}

interface Row {
  readonly tid: string;
  readonly clear: string | null;
  readonly sealed: string | null;
}

async function sealOne(sql: Sql, secrets: Secrets, { tid, clear, sealed }: Row): Promise<number> {
  const location: SecretLocation = { tid, column: 'tenants.jwt_secret' };
  if (clear === null && (sealed === null || secrets.isCurrent(sealed))) return 0;
  const secret = clear ?? secrets.open(sealed ?? '', location);
  const isUnchanged = and(isStill(tenants.jwtSecret, clear), isStill(tenants.jwtSecretSealed, sealed));
  const { count } = await db(sql)
    .update(tenants)
    .set({ jwtSecret: null, jwtSecretSealed: secrets.seal(secret, location) })
    .where(and(eq(tenants.id, tid), isUnchanged));
  return count;
}

const isStill = (column: AnyPgColumn, value: string | null) => (value === null ? isNull(column) : eq(column, value));
