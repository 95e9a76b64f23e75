import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type CreateToken, isName, type Token } from '@messagecore/protocol/features';
import type { Tokens } from '../identity/tokens.ts';
import { and, ne, type SQL } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { profileEvent } from '../outbox/events.ts';
import type { CreateUser } from './create-user.ts';
import { registerDevice } from './register-device.ts';
import { users } from './tables.ts';
import { renameUser } from './update-user.ts';
import { isNamedBy } from './user-queries.ts';

export interface MintDeps {
  readonly sql: Sql;
  /** Connections of what changes something and may wait for a lock. */
  readonly manage: Sql;
  readonly createUser: CreateUser;
  /** Runs one at a time for each tenant, so that however many users a tenant creates, they take one connection. */
  readonly inTurn: <T>(tid: string, work: () => Promise<T>) => Promise<T>;
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
  deps: MintDeps,
  tid: string,
  { user, displayName, clientId, ttlSeconds }: CreateToken,
): Promise<Token> {
  const { sql, tokens, publishEvents, clock = systemClock } = deps;
  const { uid, status, generation } = user.startsWith('ext:')
    ? await upsertUser(deps, tid, user.slice(4), displayName)
    : await requireKnownUser(deps, tid, user, displayName);
  if (status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
  const number = clientId === undefined ? generation : await registerDevice(sql, publishEvents, { tid, uid }, clientId);
  return { userId: uid, ...tokens.mint({ tid, uid, clientId, generation: number, ttlSeconds }, clock.now()) };
}

/** Writes only when there is something to write: most tokens are for users who exist. */
async function upsertUser(deps: MintDeps, tid: string, externalId: string, displayName?: string): Promise<UserRow> {
  const { sql, manage, createUser, inTurn } = deps;
  const isNamed = isNamedBy(tid, `ext:${externalId}`);
  const known = await findUser(sql, isNamed);
  if (known !== undefined) return renamed(deps, tid, known, displayName);
  const uid = randomUUID();
  // An external id may hold what no name may.
  const first = displayName ?? (isName(externalId) ? externalId : uid);
  const user = { id: uid, externalId, displayName: first };
  await inTurn(tid, () => manage.begin((tx) => createUser(tx, tid, user)));
  const present = await findUser(sql, isNamed);
  if (present === undefined) throw new ChatError('unavailable');
  // Somebody else may have created the user meanwhile.
  return renamed(deps, tid, present, displayName);
}

async function requireKnownUser(deps: MintDeps, tid: string, uid: string, displayName?: string): Promise<UserRow> {
  const known = await findUser(deps.sql, and(isNamedBy(tid, uid), ne(users.status, 'deleted')));
  if (known === undefined) throw new ChatError('not_found', 'no such user');
  return renamed(deps, tid, known, displayName);
}

interface NamedUser extends UserRow {
  readonly name: string;
}

async function findUser(sql: Sql, isAsked: SQL | undefined): Promise<NamedUser | undefined> {
  const [user] = await db(sql)
    .select({ ...tokenColumns, name: users.displayName })
    .from(users)
    .where(isAsked);
  return user;
}

async function renamed(
  { sql, publishEvents }: MintDeps,
  tid: string,
  user: NamedUser,
  displayName: string | undefined,
): Promise<UserRow> {
  if (displayName !== undefined && displayName !== user.name && user.status === 'active') {
    await commitWithEvents(sql, publishEvents, async (tx, emit) => {
      await renameUser(tx, user.uid, displayName);
      await emit(profileEvent(tid, user.uid));
    });
  }
  return user;
}
