import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError, type CreateToken, type Token } from '@messagecore/protocol';
import type { Tokens } from '../identity/tokens.ts';
import type { Sql } from '../store/connect.ts';

interface UserRow {
  readonly uid: string;
  readonly status: string;
}

/**
 * A token for a user of the tenant, whom `ext:` creates at first use; `displayName` renames. A device that the token
 * names is registered. Throws `not_found` for an unknown id, `forbidden` for a user who is deactivated.
 */
export async function mintToken(
  sql: Sql,
  tokens: Tokens,
  tid: string,
  { user, displayName, clientId, ttlSeconds }: CreateToken,
  clock: Clock = systemClock,
): Promise<Token> {
  const { uid, status } = user.startsWith('ext:')
    ? await upsertUser(sql, tid, user.slice(4), displayName)
    : await renameUser(sql, tid, user, displayName);
  if (status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
  if (clientId !== undefined) await registerDevice(sql, tid, uid, clientId);
  return { userId: uid, ...tokens.mint({ tid, uid, clientId, ttlSeconds }, clock.now()) };
}

/** Writes only when there is something to write: most tokens are for users who exist. */
async function upsertUser(sql: Sql, tid: string, externalId: string, displayName?: string): Promise<UserRow> {
  const name = displayName ?? null;
  const [known] = await sql<UserRow[]>`
    select id as uid, status from users
    where tenant_id = ${tid} and external_id = ${externalId} and (${name}::text is null or display_name = ${name})`;
  if (known !== undefined) return known;
  const [written] = await sql<UserRow[]>`
    insert into users (id, tenant_id, external_id, display_name)
    values (${randomUUID()}, ${tid}, ${externalId}, ${name ?? externalId})
    on conflict (tenant_id, external_id) do update
      set display_name = coalesce(${name}::text, users.display_name), updated_at = now()
    returning id as uid, status`;
  if (written === undefined) throw new ChatError('internal');
  return written;
}

async function renameUser(sql: Sql, tid: string, uid: string, displayName?: string): Promise<UserRow> {
  const name = displayName ?? null;
  const [known] = await sql<(UserRow & { name: string })[]>`
    select id as uid, status, display_name as name from users
    where id = ${uid} and tenant_id = ${tid} and status <> 'deleted'`;
  if (known === undefined) throw new ChatError('not_found', 'no such user');
  if (name !== null && name !== known.name) {
    await sql`update users set display_name = ${name}, updated_at = now() where id = ${uid} and tenant_id = ${tid}`;
  }
  return known;
}

async function registerDevice(sql: Sql, tid: string, uid: string, clientId: string): Promise<void> {
  await sql`
    insert into devices (tenant_id, user_id, client_id) values (${tid}, ${uid}, ${clientId})
    on conflict (user_id, client_id) do update set last_seen_at = now()`;
}
