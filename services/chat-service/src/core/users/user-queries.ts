/** Users of a tenant, and the names under which callers know them. */
import { ChatError, type FieldError, UserId } from '@messagecore/protocol';
import { type Page, type TenantRole, type User, type UsersQuery } from '@messagecore/protocol/features';
import { and, eq, gt, ne, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Reader } from '../identity/caller.ts';
import { searchable } from './search-name.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { userProfiles, users } from './tables.ts';
import { isProfile, userColumns, viewUsers } from './user-view.ts';
import { isListed, isVisible } from './visible-users.ts';

const EXTERNAL = 'ext:';

/**
 * The ids of active users of a tenant, or of all of them, in the order named; a merged user's is the survivor's. Throws
 * `not_found` naming every one that is not there, or whom a guest does not see.
 */
export async function resolveUsers(
  sql: Sql,
  reader: Reader,
  refs: readonly string[],
  path = 'users',
  all = false,
): Promise<readonly string[]> {
  if (refs.length === 0) return [];
  const { tid } = reader;
  const ids = refs.filter((ref) => !ref.startsWith(EXTERNAL));
  const names = refs.filter((ref) => ref.startsWith(EXTERNAL)).map((ref) => ref.slice(EXTERNAL.length));
  // Raw SQL: in one statement, two indexes.
  const found = await sql<{ id: string; ref: string }[]>`
    select coalesce(survivor.id, named.id) as id, named.ref
    from (
      select id, status, merged_into, id::text as ref from users where tenant_id = ${tid} and id = any(${ids}::uuid[])
      union all
      select id, status, merged_into, ${EXTERNAL} || external_id from users
      where tenant_id = ${tid} and external_id = any(${names}::text[])
    ) named
    left join users survivor on survivor.id = named.merged_into
    where ${all} or coalesce(survivor.status, named.status) = 'active'`;
  const seen = await seenBy(
    sql,
    reader,
    found.map(({ id }) => id),
  );
  const byRef = new Map(found.flatMap(({ id, ref }) => (seen.has(id) ? [[ref, id]] : [])));
  const errors: FieldError[] = [];
  const resolved = refs.flatMap((ref, index) => {
    const id = byRef.get(ref);
    if (id === undefined) errors.push({ path: `${path}.${index}`, message: `no such user: ${ref}` });
    return id === undefined ? [] : [id];
  });
  if (errors.length > 0) {
    throw new ChatError('not_found', errors.map((error) => error.message).join('; '), { errors });
  }
  return [...new Set(resolved)];
}

/** Those of the users whom the reader sees. */
async function seenBy(sql: Sql, reader: Reader, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (reader.uid === undefined || ids.length === 0) return new Set(ids);
  const isSeen = and(isAnyOf(users.id, [...ids]), isVisible(reader));
  const rows = await db(sql).select({ id: users.id }).from(users).where(isSeen);
  return new Set(rows.map(({ id }) => id));
}

/** One active user, however named. Throws `not_found`, also for one whom a guest does not see. */
export function resolveActiveUser(sql: Sql, reader: Reader, ref: string): Promise<string> {
  return resolveSingle(sql, reader, ref, false);
}

/**
 * One user, active or not: a deactivated user may still be a participant who has to be muted or removed. Throws
 * `not_found`, also for one whom a guest does not see.
 */
export function resolveAnyUser(sql: Sql, reader: Reader, ref: string): Promise<string> {
  return resolveSingle(sql, reader, ref, true);
}

async function resolveSingle(sql: Sql, reader: Reader, ref: string, all: boolean): Promise<string> {
  const [id] = await resolveUsers(sql, reader, [ref], 'user', all);
  if (id === undefined) throw new ChatError('not_found');
  return id;
}

/** A user who is not erased. */
export const isUser = (tid: string, uid: string) =>
  and(eq(users.tenantId, tid), eq(users.id, uid), ne(users.status, 'deleted'));

/** False for a user who is deactivated, and for one who is erased. */
export async function isActive(sql: Sql | Transaction, tid: string, uid: string): Promise<boolean> {
  return (await db(sql).$count(users, and(isUser(tid, uid), eq(users.status, 'active')))) > 0;
}

/** Whom an id or an external id of the tenant names: of a merged user, the survivor. */
export function isNamedBy(tid: string, ref: string): SQL {
  const named = ref.startsWith(EXTERNAL)
    ? part`named.external_id = ${ref.slice(EXTERNAL.length)}`
    : part`named.id = ${ref}::uuid`;
  return part`${users.id} = (
    select coalesce(named.merged_into, named.id) from users named where named.tenant_id = ${tid} and ${named}
  )`;
}

/** Throws `not_found` for another tenant's user too, and for one whom a guest does not see. */
export async function getUser(sql: Sql, reader: Reader, ref: string): Promise<User> {
  const isAsked = and(ne(users.status, 'deleted'), isNamedBy(reader.tid, ref), isVisible(reader));
  const rows = await db(sql).select(userColumns).from(users).leftJoin(userProfiles, isProfile).where(isAsked);
  const [user] = await viewUsers(sql, reader, rows);
  if (user === undefined) throw new ChatError('not_found', 'no such user');
  return user;
}

/** The user's role in the tenant. Throws `not_found`. */
export async function readTenantRole(sql: Sql | Transaction, tid: string, uid: string): Promise<TenantRole> {
  const [row] = await db(sql).select({ role: users.role }).from(users).where(isUser(tid, uid));
  if (row === undefined) throw new ChatError('not_found', 'no such user');
  return row.role;
}

const PageKey = z.tuple([UserId]);

/** Users of the tenant whom the reader's lists show, by id, a page at a time. */
export async function listUsers(
  sql: Sql | Transaction,
  reader: Reader,
  { q, limit, cursor }: UsersQuery,
): Promise<Page<User>> {
  const after = decodeCursor(cursor, PageKey)?.[0];
  const isAsked = and(
    eq(users.tenantId, reader.tid),
    ne(users.status, 'deleted'),
    after === undefined ? undefined : gt(users.id, after),
    q === undefined ? undefined : isNamed(q),
    await isListed(sql, reader),
  );
  const rows = await db(sql)
    .select(userColumns)
    .from(users)
    .leftJoin(userProfiles, isProfile)
    .where(isAsked)
    .orderBy(users.id)
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.userId]);
  return { items: await viewUsers(sql, reader, items), next };
}

/**
 * By what `searchable` makes of the names and of `q`, as the index `users_search` has it. Names of rows that an older
 * version wrote are compared as they are, as the index `users_names` has them.
 */
function isNamed(q: string): SQL {
  const names = searchable(q);
  if (names === '') return part`false`;
  const { searchName, searchOf, displayName, externalId } = users;
  return part`(
    ${searchName} like ${containing(names)} and ${searchOf} = ${displayName}
    or ${searchOf} is distinct from ${displayName}
      and (lower(${displayName}) like lower(${containing(q)}) or lower(${externalId}) like lower(${containing(q)}))
  )`;
}

const containing = (part: string) => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** A search by name may take no longer than this. */
const SEARCH_TIMEOUT_MS = 2_000;

/** The same by a part of a name. Fails as `unavailable` when the tenant has more names than can be looked through in time. */
export function searchUsers(sql: Sql, reader: Reader, query: UsersQuery): Promise<Page<User>> {
  return sql.begin(async (tx) => {
    // Raw SQL: a setting, of no table.
    await tx`select set_config('statement_timeout', ${String(SEARCH_TIMEOUT_MS)}, true)`;
    return listUsers(tx, reader, query);
  });
}
