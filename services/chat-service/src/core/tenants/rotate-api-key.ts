import { ChatError } from '@messagecore/protocol';
import { type RotateApiKey } from '@messagecore/protocol/features';
import { sql as part } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, millis } from '../../platform/database/expressions.ts';
import { isKey } from './api-key-queries.ts';
import { type By, auditKey } from './audit-tenant.ts';
import { type CreatedApiKey, insertApiKey, takeRoom } from './create-api-key.ts';
import { scopesOf } from './scopes.ts';
import { apiKeys } from './tables.ts';

const HOUR_MS = 3_600_000;

/**
 * Gives a new key with the name and scopes of an old one, and as long a life as that had. The old one goes on working for
 * the overlap, or until its own end if that comes first. Throws `not_found`, and `conflict` for a key that does not work
 * any more or was replaced before, or when the tenant has as many keys as it may.
 */
export function rotateApiKey(
  sql: Sql,
  by: By,
  tid: string,
  { keyId, overlapHours }: RotateApiKey & { readonly keyId: string },
): Promise<CreatedApiKey> {
  return sql.begin(async (tx) => {
    await takeRoom(tx, tid);
    const { expiresAt, createdAt } = apiKeys;
    const [old] = await db(tx)
      .select({
        name: apiKeys.name,
        scopes: apiKeys.scopes,
        replacedBy: apiKeys.replacedBy,
        works: part<boolean>`${apiKeys.revokedAt} is null and (${expiresAt} is null or ${expiresAt} > now())`,
        expiresAt: millis(expiresAt),
        nextEnd: part<number | null>`(extract(epoch from now() + (${expiresAt} - ${createdAt})) * 1000)::float8`,
      })
      .from(apiKeys)
      .where(isKey(tid, keyId))
      .for('no key update');
    if (old === undefined) throw new ChatError('not_found', 'no such key');
    if (!old.works) throw new ChatError('conflict', 'the key does not work any more');
    if (old.replacedBy !== null) throw new ChatError('conflict', `the key was replaced by ${old.replacedBy}`);

    const made = await insertApiKey(tx, tid, {
      name: old.name,
      scopes: scopesOf(old.scopes),
      expiresAt: old.nextEnd === null ? null : Math.ceil(old.nextEnd),
    });
    const [left] = await db(tx)
      .update(apiKeys)
      .set({ replacedBy: made.keyId, expiresAt: part`least(${expiresAt}, ${fromNow(overlapHours * HOUR_MS)})` })
      .where(isKey(tid, keyId))
      .returning({ expiresAt: millis(expiresAt) });
    const before = { expiresAt: old.expiresAt, replacedBy: null };
    await auditKey(tx, by, tid, keyId, 'rotate', { before, after: { ...left, replacedBy: made.keyId } });
    return made;
  });
}
