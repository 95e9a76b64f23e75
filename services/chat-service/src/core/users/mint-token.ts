import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type CreateToken, isName, type Token } from '@messagecore/protocol/features';
import type { Reader } from '../identity/caller.ts';
import { administersTenant, checkKeyReaches } from '../permissions/tenant-roles.ts';
import type { Tokens } from '../identity/tokens.ts';
import { and, ne, type SQL } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { profileEvent } from '../outbox/events.ts';
import { auditUser } from './audit-user.ts';
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
 * names is registered. What is created or renamed is in the audit log, and every token for an owner or admin of the tenant: who
 * holds it administers. Throws `not_found` for an unknown id, `forbidden` for a user who is deactivated, and for an owner or admin
 * whom the key does not reach.
 */
export async function mintToken(
  deps: MintDeps,
  caller: Reader,
  { user, displayName, clientId, ttlSeconds }: CreateToken,
): Promise<Token> {
  const { sql, tokens, publishEvents, clock = systemClock } = deps;
  const { tid } = caller;
  const named = user.startsWith('ext:')
    ? await findOrCreate(deps, caller, user.slice(4), displayName)
    : await findKnown(sql, tid, user);
  checkKeyReaches(caller, named.role);
  await rename(deps, caller, named, displayName);
  const { uid, status, generation } = named;
  if (status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
  if (administersTenant(named.role)) await auditToken(deps, caller, uid, clientId);
  const number = clientId === undefined ? generation : await registerDevice(sql, publishEvents, { tid, uid }, clientId);
  return { userId: uid, ...tokens.mint({ tid, uid, clientId, generation: number, ttlSeconds }, clock.now()) };
}

/** Writes only when there is something to write: most tokens are for users who exist. */
async function findOrCreate(
  deps: MintDeps,
  caller: Reader,
  externalId: string,
  displayName: string | undefined,
): Promise<NamedUser> {
  const { sql, manage, createUser, inTurn } = deps;
  const { tid } = caller;
  const isNamed = isNamedBy(tid, `ext:${externalId}`);
  const known = await findUser(sql, isNamed);
  if (known !== undefined) return known;
  const uid = randomUUID();
  // An external id may hold what no name may.
  const first = displayName ?? (isName(externalId) ? externalId : uid);
  const user = { id: uid, externalId, displayName: first };
  await inTurn(tid, () =>
    manage.begin(async (tx) => {
      const isNew = (await createUser(tx, tid, user)) === uid;
      if (isNew) await auditUser(tx, caller, { action: 'create_user', target: `user:${uid}` });
    }),
  );
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
  { manage, inTurn, publishEvents }: MintDeps,
  caller: Reader,
  { uid, name, status }: NamedUser,
  displayName: string | undefined,
): Promise<void> {
  const { tid } = caller;
  if (displayName === undefined || displayName === name || status !== 'active') return;
  await inTurn(tid, () =>
    commitWithEvents(manage, publishEvents, async (tx, emit) => {
      await renameUser(tx, uid, displayName);
      await emit(profileEvent(tid, uid));
      if (caller.uid !== uid) await auditUser(tx, caller, { action: 'update_user', target: `user:${uid}` });
    }),
  );
}

/** Before the token is there: none without its entry. */
async function auditToken(
  { manage, inTurn }: MintDeps,
  caller: Reader,
  uid: string,
  clientId: string | undefined,
): Promise<void> {
  const after = clientId === undefined ? null : { clientId };
  await inTurn(caller.tid, () =>
    manage.begin((tx) => auditUser(tx, caller, { action: 'mint_token', target: `user:${uid}`, after })),
  );
}
