/** Users of a tenant, and the names under which callers know them. */
import { ChatError, type FieldError, UserId } from '@messagecore/protocol';
import { type Page, type User, type UsersQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import { searchable } from './search-name.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';

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

interface UserRow extends Omit<User, 'deactivated'> {
  readonly status: string;
}

/** Throws `not_found` for another tenant's user too. */
export async function getUser(sql: Sql, tid: string, ref: string): Promise<User> {
  const id = ref.startsWith(EXTERNAL) ? null : ref;
  const name = id === null ? ref.slice(EXTERNAL.length) : null;
  const [row] = await sql<UserRow[]>`
    select ${columns(sql)} from users
    where tenant_id = ${tid} and status <> 'deleted' and (id = ${id}::uuid or external_id = ${name}::text)`;
  if (row === undefined) throw new ChatError('not_found', 'no such user');
  return view(row);
}

const PageKey = z.tuple([UserId]);

/** Users of the tenant by id, a page at a time. */
export async function listUsers(
  sql: Sql | Transaction,
  tid: string,
  { q, limit, cursor }: UsersQuery,
): Promise<Page<User>> {
  const after = decodeCursor(cursor, PageKey)?.[0];
  const rows = await sql<UserRow[]>`
    select ${columns(sql)} from users
    where tenant_id = ${tid} and status <> 'deleted'
      ${after === undefined ? sql`` : sql`and id > ${after}`}
      ${q === undefined ? sql`` : named(sql, q)}
    order by id limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(view);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.userId]) : null };
}

/**
 * By what `searchable` makes of the names and of `q`, as the index `users_search` has it. Names of rows that an older
 * version wrote are compared as they are, as the index `users_names` has them.
 */
function named(sql: Sql | Transaction, q: string) {
  const names = searchable(q);
  if (names === '') return sql`and false`;
  return sql`and (
    search_name like ${containing(names)} and search_of = display_name
    or search_of is distinct from display_name
      and (lower(display_name) like lower(${containing(q)}) or lower(external_id) like lower(${containing(q)}))
  )`;
}

const containing = (part: string) => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** A search by name may take no longer than this. */
const SEARCH_TIMEOUT_MS = 2_000;

/** The same by a part of a name. Fails as `unavailable` when the tenant has more names than can be looked through in time. */
export function searchUsers(sql: Sql, tid: string, query: UsersQuery): Promise<Page<User>> {
  return sql.begin(async (tx) => {
    await tx`select set_config('statement_timeout', ${String(SEARCH_TIMEOUT_MS)}, true)`;
    return listUsers(tx, tid, query);
  });
}

const columns = (sql: Sql | Transaction) => sql`
  id as "userId", external_id as "externalId", display_name as "displayName", role, status,
  (extract(epoch from created_at) * 1000)::float8 as "createdAt"`;

function view({ status, ...user }: UserRow): User {
  return { ...user, deactivated: status !== 'active' };
}
