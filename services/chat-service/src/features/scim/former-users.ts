/**
 * Users whom the directory has deleted. Nobody finds them there any more, and their names are free (RFC 7644, 3.6); when the
 * directory names one again, it is the same user: sign-ins by identity providers lead to it still.
 */
import { and, desc, eq, isNotNull, ne, or } from '../../platform/database/drizzle.ts';
import { users } from '../../core/users/tables.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { scimFormerUsers } from './tables.ts';

type Former = Pick<typeof scimFormerUsers.$inferInsert, 'userId' | 'nameKey' | 'externalId' | 'deactivated'>;

export async function keepFormer(tx: Transaction, tid: string, former: Former): Promise<void> {
  await db(tx)
    .insert(scimFormerUsers)
    .values({ tenantId: tid, ...former });
}

/**
 * Has the name and the directory's own id. A name alone may be somebody else's by now: whom the directory gives no id is found by
 * the address that an account vouches for, or not at all.
 */
export async function findFormer(
  tx: Transaction,
  tid: string,
  { nameKey, externalId }: Pick<Former, 'nameKey' | 'externalId'>,
): Promise<string | undefined> {
  const former = scimFormerUsers;
  if (!externalId) return undefined;
  const isThere = or(ne(users.status, 'deleted'), isNotNull(users.mergedInto));
  const [row] = await db(tx)
    .select({ uid: former.userId })
    .from(former)
    .innerJoin(users, eq(users.id, former.userId))
    .where(and(eq(former.tenantId, tid), eq(former.nameKey, nameKey), eq(former.externalId, externalId), isThere))
    .orderBy(desc(former.removedAt))
    .limit(1);
  return row?.uid;
}

/** Returns whether it was the directory that deactivated the user. */
export async function forgetFormer(tx: Transaction, tid: string, uid: string): Promise<boolean> {
  const [row] = await db(tx)
    .delete(scimFormerUsers)
    .where(and(eq(scimFormerUsers.tenantId, tid), eq(scimFormerUsers.userId, uid)))
    .returning({ deactivated: scimFormerUsers.deactivated });
  return row?.deactivated ?? false;
}
