import { and, eq } from '../../platform/database/drizzle.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { users } from '../../core/users/tables.ts';
import { isNamedBy, resolveActiveUser, resolveAnyUser } from '../../core/users/user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { invitations, joinRequests } from './tables.ts';

/**
 * The user whom an id or an external id names: first among those who are invited to the conversation, or ask to join it, as a
 * guest who decides on them may see them nowhere else. For whoever may decide. Throws `not_found`.
 */
export async function resolveAmong(
  sql: Sql,
  table: typeof invitations | typeof joinRequests,
  caller: Reader,
  cid: string,
  ref: string,
  { active }: { readonly active: boolean },
): Promise<string> {
  const isAmong = and(
    ...[eq(table.conversationId, cid), isNamedBy(caller.tid, ref)],
    active ? eq(users.status, 'active') : undefined,
  );
  const [found] = await db(sql)
    .select({ uid: table.userId })
    .from(table)
    .innerJoin(users, eq(users.id, table.userId))
    .where(isAmong);
  return found?.uid ?? (active ? resolveActiveUser : resolveAnyUser)(sql, caller, ref);
}
