/** Users of a tenant, and the names under which callers know them. */
import { ChatError, type FieldError, UserId } from '@messagecore/protocol';
import { type Page, type TenantRole, type User, type UsersQuery } from '@messagecore/protocol/features';
import { and, eq, gt, ne, type SQL, sql as part } from 'drizzle-orm';
import { z } from 'zod';
import { searchable } from './search-name.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { users } from './tables.ts';

const EXTERNAL = 'ext:';

/**
 * The ids of active users of a tenant, or of all of them, in the order named. Throws `not_found` naming every one that is
 * not there.
 */
export async function resolveUsers(
  sql: Sql,
  tid: string,
  refs: readonly string[],
  path = 'users',
  all = false,
): Promise<readonly string[]> {
  if (refs.length === 0) return [];
  const ids = refs.filter((ref) => !ref.startsWith(EXTERNAL));
  const names = refs.filter((ref) => ref.startsWith(EXTERNAL)).map((ref) => ref.slice(EXTERNAL.length));
  // Raw SQL: in one statement, two indexes.
  const found = await sql<{ id: string; name: string | null }[]>`
    select id, null as name from users
    where tenant_id = ${tid} and id = any(${ids}::uuid[]) and (${all} or status = 'active')
    union all
    select id, external_id from users
    where tenant_id = ${tid} and external_id = any(${names}::text[]) and (${all} or status = 'active')`;
  const byRef = new Map(found.map(({ id, name }) => [name === null ? id : EXTERNAL + name, id]));
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

/** One active user, however named. Throws `not_found`. */
export function resolveActiveUser(sql: Sql, tid: string, ref: string): Promise<string> {
  return resolveSingle(sql, tid, ref, false);
}

/**
 * One user, active or not: a deactivated user may still be a participant who has to be muted or removed. Throws
 * `not_found`.
 */
export function resolveAnyUser(sql: Sql, tid: string, ref: string): Promise<string> {
  return resolveSingle(sql, tid, ref, true);
}

async function resolveSingle(sql: Sql, tid: string, ref: string, all: boolean): Promise<string> {
  const [id] = await resolveUsers(sql, tid, [ref], 'user', all);
  if (id === undefined) throw new ChatError('not_found');
  return id;
}

/** A user who is not erased. */
export const isUser = (tid: string, uid: string) =>
  and(eq(users.tenantId, tid), eq(users.id, uid), ne(users.status, 'deleted'));

/** Throws `not_found` for another tenant's user too. */
export async function getUser(sql: Sql, tid: string, ref: string): Promise<User> {
  const isNamed = ref.startsWith(EXTERNAL) ? eq(users.externalId, ref.slice(EXTERNAL.length)) : eq(users.id, ref);
  const isAsked = and(eq(users.tenantId, tid), ne(users.status, 'deleted'), isNamed);
  const [row] = await db(sql).select(columns).from(users).where(isAsked);
  if (row === undefined) throw new ChatError('not_found', 'no such user');
  return view(row);
}

/** The user's role in the tenant. Throws `not_found`. */
export async function readTenantRole(sql: Sql | Transaction, tid: string, uid: string): Promise<TenantRole> {
  const [row] = await db(sql).select({ role: users.role }).from(users).where(isUser(tid, uid));
  if (row === undefined) throw new ChatError('not_found', 'no such user');
  return row.role;
}

const PageKey = z.tuple([UserId]);

/** Users of the tenant by id, a page at a time. */
export async function listUsers(
  sql: Sql | Transaction,
  tid: string,
  { q, limit, cursor }: UsersQuery,
): Promise<Page<User>> {
  const after = decodeCursor(cursor, PageKey)?.[0];
  const isAsked = and(
    eq(users.tenantId, tid),
    ne(users.status, 'deleted'),
    after === undefined ? undefined : gt(users.id, after),
    q === undefined ? undefined : isNamed(q),
  );
  const rows = await db(sql)
    .select(columns)
    .from(users)
    .where(isAsked)
    .orderBy(users.id)
    .limit(limit + 1);
  const items = rows.slice(0, limit).map(view);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.userId]) : null };
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
export function searchUsers(sql: Sql, tid: string, query: UsersQuery): Promise<Page<User>> {
  return sql.begin(async (tx) => {
    // Raw SQL: a setting, of no table.
    await tx`select set_config('statement_timeout', ${String(SEARCH_TIMEOUT_MS)}, true)`;
    return listUsers(tx, tid, query);
  });
}

const columns = {
  userId: users.id,
  externalId: users.externalId,
  displayName: users.displayName,
  role: users.role,
  status: users.status,
  createdAt: millis(users.createdAt),
};

function view({ status, ...user }: Omit<User, 'deactivated'> & Pick<typeof users.$inferSelect, 'status'>): User {
  return { ...user, deactivated: status !== 'active' };
}
