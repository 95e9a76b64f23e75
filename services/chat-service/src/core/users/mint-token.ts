import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type CreateToken, isName, type Token } from '@messagecore/protocol/features';
import { searchableNames } from './search-name.ts';
import type { Tokens } from '../identity/tokens.ts';
import { and, eq, ne } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { registerDevice } from './register-device.ts';
import { users } from './tables.ts';
import { renameUser } from './update-user.ts';
import { isNamedBy } from './user-queries.ts';

export interface MintDeps {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly publishEvents: PublishEvents;
  readonly clock?: Clock;
}

/** `generation` is the user's count of revocations. */
const tokenColumns = { uid: users.id, status: users.status, generation: users.generation };

interface UserRow extends Pick<typeof users.$inferSelect, 'status' | 'generation'> {
  readonly uid: string;
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
  const isNamed = isNamedBy(tid, `ext:${externalId}`);
  const isAsAsked = displayName === undefined ? isNamed : and(isNamed, eq(users.displayName, displayName));
  const [known] = await db(sql).select(tokenColumns).from(users).where(isAsAsked);
  if (known !== undefined) return known;
  const uid = randomUUID();
  // An external id may hold what no name may.
  const first = displayName ?? (isName(externalId) ? externalId : uid);
  const names = { displayName: first, searchName: searchableNames(first, externalId), searchOf: first };
  const insert = db(sql)
    .insert(users)
    .values({ id: uid, tenantId: tid, externalId, ...names });
  const target = [users.tenantId, users.externalId];
  const written =
    displayName === undefined
      ? insert.onConflictDoNothing({ target })
      : insert.onConflictDoUpdate({
          target,
          set: { ...names, updatedAt: now() },
          setWhere: eq(users.status, 'active'),
        });
  const [user] = await written.returning(tokenColumns);
  if (user !== undefined) return user;
  // Somebody else created the user meanwhile, or it may not be renamed.
  const [present] = await db(sql).select(tokenColumns).from(users).where(isNamed);
  if (present === undefined) throw new ChatError('unavailable');
  return present;
}

async function requireKnownUser(sql: Sql, tid: string, uid: string, displayName?: string): Promise<UserRow> {
  const [known] = await db(sql)
    .select({ ...tokenColumns, name: users.displayName })
    .from(users)
    .where(and(isNamedBy(tid, uid), ne(users.status, 'deleted')));
  if (known === undefined) throw new ChatError('not_found', 'no such user');
  if (displayName !== undefined && displayName !== known.name && known.status === 'active') {
    await sql.begin((tx) => renameUser(tx, known.uid, displayName));
  }
  return known;
}
