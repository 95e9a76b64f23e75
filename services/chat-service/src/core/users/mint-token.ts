import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type CreateToken, isName, type Token } from '@messagecore/protocol/features';
import { searchableNames } from './search-name.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { registerDevice } from './register-device.ts';
import { renameUser } from './update-user.ts';

export interface MintDeps {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly publishEvents: PublishEvents;
  readonly clock?: Clock;
}

interface UserRow {
  readonly uid: string;
  readonly status: string;
  /** The user's count of revocations. */
  readonly generation: number;
}

/**
 * A token for a user of the tenant, whom `ext:` creates at first use; `displayName` renames. A device that the token
 * names is registered. Throws `not_found` for an unknown id, `forbidden` for a user who is deactivated.
 */
export async function mintToken(
  { sql, tokens, publishEvents, clock = systemClock }: MintDeps,
  tid: string,
  { user, displayName, clientId, ttlSeconds }: CreateToken,
): Promise<Token> {
  const { uid, status, generation } = user.startsWith('ext:')
    ? await upsertUser(sql, tid, user.slice(4), displayName)
    : await requireKnownUser(sql, tid, user, displayName);
  if (status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
  const number = clientId === undefined ? generation : await registerDevice(sql, publishEvents, { tid, uid }, clientId);
  return { userId: uid, ...tokens.mint({ tid, uid, clientId, generation: number, ttlSeconds }, clock.now()) };
}

/** Writes only when there is something to write: most tokens are for users who exist. */
async function upsertUser(sql: Sql, tid: string, externalId: string, displayName?: string): Promise<UserRow> {
  const name = displayName ?? null;
  const [known] = await sql<UserRow[]>`
    select id as uid, status, generation from users
    where tenant_id = ${tid} and external_id = ${externalId} and (${name}::text is null or display_name = ${name})`;
  if (known !== undefined) return known;
  const uid = randomUUID();
  // An external id may hold what no name may.
  const first = name ?? (isName(externalId) ? externalId : uid);
  const [written] = await sql<UserRow[]>`
    insert into users (id, tenant_id, external_id, display_name, search_name, search_of)
    values (${uid}, ${tid}, ${externalId}, ${first}, ${searchableNames(first, externalId)}, ${first})
    on conflict (tenant_id, external_id) do update set
      display_name = excluded.display_name, search_name = excluded.search_name, search_of = excluded.search_of,
      updated_at = now()
    where ${name}::text is not null and users.status = 'active'
    returning id as uid, status, generation`;
  if (written !== undefined) return written;
  // Somebody else created the user meanwhile, or it may not be renamed.
  const [present] = await sql<UserRow[]>`
    select id as uid, status, generation from users where tenant_id = ${tid} and external_id = ${externalId}`;
  if (present === undefined) throw new ChatError('unavailable');
  return present;
}

async function requireKnownUser(sql: Sql, tid: string, uid: string, displayName?: string): Promise<UserRow> {
  const [known] = await sql<(UserRow & { name: string })[]>`
    select id as uid, status, generation, display_name as name from users
    where id = ${uid} and tenant_id = ${tid} and status <> 'deleted'`;
  if (known === undefined) throw new ChatError('not_found', 'no such user');
  if (displayName !== undefined && displayName !== known.name && known.status === 'active') {
    await sql.begin((tx) => renameUser(tx, uid, displayName));
  }
  return known;
}
