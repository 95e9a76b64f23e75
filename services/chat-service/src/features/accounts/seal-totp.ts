import { and, eq, gt, isNotNull } from 'drizzle-orm';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { placeOfTotp } from './second-factor.ts';
import { accounts } from './tables.ts';

const ROWS = 100;

/**
 * Encrypts the secrets of second factors that were encrypted with an older key with the first key of the ring. What a user
 * changes meanwhile stays as it was changed.
 *
 * @returns how many. @throws when a secret was made with a key that the ring does not have; the earlier ones are done.
 */
export async function sealTotp(sql: Sql, secrets: Secrets): Promise<number> {
  let sealed = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await db(sql)
      .select({ tid: accounts.tenantId, uid: accounts.userId, totpSealed: accounts.totpSealed })
      .from(accounts)
      .where(and(gt(accounts.userId, after), isNotNull(accounts.totpSealed)))
      .orderBy(accounts.userId)
      .limit(ROWS);
    for (const { tid, uid, totpSealed } of rows) {
      if (totpSealed === null || secrets.isCurrent(totpSealed)) continue;
      const place = placeOfTotp({ tid, uid });
      const isUnchanged = and(
        eq(accounts.tenantId, tid),
        eq(accounts.userId, uid),
        eq(accounts.totpSealed, totpSealed),
      );
      const fresh = secrets.seal(secrets.open(totpSealed, place), place);
      const { count } = await db(sql).update(accounts).set({ totpSealed: fresh }).where(isUnchanged);
      sealed += count;
    }
    const last = rows.at(-1);
    if (last === undefined) return sealed;
    after = last.uid;
  }
}
