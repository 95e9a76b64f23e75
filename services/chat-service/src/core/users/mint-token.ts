import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type CreateToken, isName, type Token } from '@messagecore/protocol/features';
import type { Reader } from '../identity/caller.ts';
import { checkKeyReaches } from '../permissions/tenant-roles.ts';
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

/** `generation` is the count of revocations. */
interface NamedUser extends Pick<typeof users.$inferSelect, 'status' | 'generation' | 'role'> {
  readonly uid: string;
  readonly name: string;
}

/**
 * A token for a user of the tenant, whom `ext:` creates at first use; `displayName` renames. A device that the token
 * names is registered. Throws `not_found` for an unknown id, `forbidden` for a user who is deactivated, and for an owner or
 * admin of the tenant whom the key does not reach.
 */
export async function mintToken(
  deps: MintDeps,
  caller: Reader,
  { user, displayName, clientId, ttlSeconds }: CreateToken,
): Promise<Token> {
  const { sql, tokens, publishEvents, clock = systemClock } = deps;
  const { tid } = caller;
  const named = user.startsWith('ext:')
    ? await findOrCreate(deps, tid, user.slice(4), displayName)
    : await findKnown(sql, tid, user);
  checkKeyReaches(caller, named.role);
  await rename(deps, tid, named, displayName);
  const { uid, status, generation } = named;
  if (status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
  const number = clientId === undefined ? generation : await registerDevice(sql, publishEvents, { tid, uid }, clientId);
  return { userId: uid, ...tokens.mint({ tid, uid, clientId, generation: number, ttlSeconds }, clock.now()) };
}

/** Writes only when there is something to write: most tokens are for users who exist. */
async function findOrCreate(
  deps: MintDeps,
  tid: string,
  externalId: string,
  displayName: string | undefined,
): Promise<NamedUser> {
  const { sql, manage, createUser, inTurn } = deps;
  const isNamed = isNamedBy(tid, `ext:${externalId}`);
  const known = await findUser(sql, isNamed);
  if (known !== undefined) return known;
  const uid = randomUUID();
  // An external id may hold what no name may.
  const first = displayName ?? (isName(externalId) ? externalId : uid);
  const user = { id: uid, externalId, displayName: first };
  await inTurn(tid, () => manage.begin((tx) => createUser(tx, tid, user)));
  const present = await findUser(sql, isNamed);
  if (present === undefined) throw new ChatError('unavailable');
  // Somebody else may have created the user meanwhile.
  return present;
}

async function findKnown(sql: Sql, tid: string, uid: string): Promise<NamedUser> {
  const known = await findUser(sql, and(isNamedBy(tid, uid), ne(users.status, 'deleted')));
  if (known === undefined) throw new ChatError('not_found', 'no such user');
  return known;
}

async function findUser(sql: Sql, isAsked: SQL | undefined): Promise<NamedUser | undefined> {
  const { status, generation, role } = users;
  const [user] = await db(sql)
    .select({ uid: users.id, status, generation, role, name: users.displayName })
    .from(users)
    .where(isAsked);
  return user;
}

async function rename(
  { sql, publishEvents }: MintDeps,
  tid: string,
  user: NamedUser,
  displayName: string | undefined,
): Promise<void> {
  if (displayName !== undefined && displayName !== user.name && user.status === 'active') {
    await commitWithEvents(sql, publishEvents, async (tx, emit) => {
      await renameUser(tx, user.uid, displayName);
      await emit(profileEvent(tid, user.uid));
    });
  }
}
