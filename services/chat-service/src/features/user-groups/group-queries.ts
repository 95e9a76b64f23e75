import { ChatError, storable, UserId } from '@messagecore/protocol';
import type { Page, PageQuery, User, UserGroup } from '@messagecore/protocol/features';
import { and, eq, gt, ne, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Reader } from '../../core/identity/caller.ts';
import { userProfiles, users } from '../../core/users/tables.ts';
import { readTenantRole } from '../../core/users/user-queries.ts';
import { isProfile, userColumns, viewUsers } from '../../core/users/user-view.ts';
import { isListed } from '../../core/users/visible-users.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { decodeCursor, encodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { userGroupMembers, userGroups } from './tables.ts';

const GroupKey = z.tuple([storable()]);
const MemberKey = z.tuple([UserId]);
const { id, tenantId, mentionName } = userGroups;
const { groupId, userId } = userGroupMembers;

const columnsFor = ({ uid }: Reader) => ({
  groupId: id,
  name: userGroups.name,
  mentionName,
  members: userGroups.members,
  mine: uid === undefined ? part<boolean>`false` : isMember(uid),
});

/** Raw SQL: a look into an index for each row of a page. */
const isMember = (uid: string): SQL<boolean> =>
  part<boolean>`exists (select from user_group_members m where m.group_id = ${id} and m.user_id = ${uid})`;

/** Guests see the groups to which they belong. */
async function isSeen(sql: Sql | Transaction, { tid, uid }: Reader): Promise<SQL | undefined> {
  if (uid === undefined || (await readTenantRole(sql, tid, uid)) !== 'guest') return eq(tenantId, tid);
  return and(eq(tenantId, tid), isMember(uid));
}

/** Groups of the tenant that the reader sees, by name, a page at a time. */
export async function listGroups(sql: Sql, reader: Reader, { limit, cursor }: PageQuery): Promise<Page<UserGroup>> {
  const after = decodeCursor(cursor, GroupKey)?.[0];
  const rows = await db(sql)
    .select(columnsFor(reader))
    .from(userGroups)
    .where(and(await isSeen(sql, reader), after === undefined ? undefined : gt(mentionName, after)))
    .orderBy(mentionName)
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.mentionName]);
  return { items: items.map(({ mentionName: _, ...group }) => group), next };
}

/** Throws `not_found`, also for one that a guest does not see. */
export async function getGroup(sql: Sql | Transaction, reader: Reader, of: string): Promise<UserGroup> {
  const [row] = await db(sql)
    .select(columnsFor(reader))
    .from(userGroups)
    .where(and(eq(id, of), await isSeen(sql, reader)));
  if (row === undefined) throw noGroup();
  const { mentionName: _, ...group } = row;
  return group;
}

export const noGroup = () => new ChatError('not_found', 'no such group');

/** Members of a group, by id, a page at a time. Who is not for the reader is left out. */
export async function listMembers(
  sql: Sql,
  reader: Reader,
  of: string,
  { limit, cursor }: PageQuery,
): Promise<Page<User>> {
  await getGroup(sql, reader, of);
  const after = decodeCursor(cursor, MemberKey)?.[0];
  const page = await db(sql)
    .select({ id: userId })
    .from(userGroupMembers)
    .where(and(eq(groupId, of), after === undefined ? undefined : gt(userId, after)))
    .orderBy(userId)
    .limit(limit + 1);
  const last = page.length > limit ? page[limit - 1]?.id : undefined;
  const ids = page.slice(0, limit).map((row) => row.id);
  const rows = await db(sql)
    .select(userColumns)
    .from(users)
    .leftJoin(userProfiles, isProfile)
    .where(and(isAnyOf(users.id, ids), ne(users.status, 'deleted'), await isListed(sql, reader)))
    .orderBy(users.id);
  return { items: await viewUsers(sql, reader, rows), next: last === undefined ? null : encodeCursor([last]) };
}
