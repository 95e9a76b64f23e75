/** Users. The tenant's back end may change everything, users only their own name and profile. */
import { createBulkhead } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type UpdateUser, type User, userOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { tooMany } from '../../platform/rate-limits/too-many.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { type EraseDeps, eraseUser } from './erase-user.ts';
import { type MergeDeps, mergeUser } from './merge-user.ts';
import { type MintDeps, mintToken } from './mint-token.ts';
import { updateUser } from './update-user.ts';
import { getUser, listUsers, resolveAnyUser, searchUsers } from './user-queries.ts';

/** A search looks at every name of a tenant: it must not take the connections that everything else needs. */
const SEARCHES = { atOnce: 2, ofOneKey: 8, ofAll: 32, refusal: tooMany };

export interface UserDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

export function bindUsers(deps: UserDeps & EraseDeps & MergeDeps): readonly BoundOperation[] {
  const { sql } = deps;
  const search = createBulkhead(SEARCHES);
  return [
    bindOperation(
      operations.listUsers,
      (reader, query) => (query.q === undefined ? listUsers : searchUsers)(sql, reader, query),
      ({ tid }, { q }, list) => (q === undefined ? list() : search(tid, list)),
    ),
    bindOperation(operations.getOneself, (reader) => getUser(sql, reader, reader.uid)),
    bindOperation(operations.getUser, (reader, { user }) => getUser(sql, reader, user)),
    bindOperation(operations.updateOneself, (actor, change) => update(deps, actor, actor, change)),
    bindOperation(operations.updateUser, async (caller, { user, ...change }) => {
      const uid = await resolveAnyUser(sql, caller, user);
      return update(deps, caller, { tid: caller.tid, uid }, change);
    }),
    bindOperation(operations.eraseUser, async (caller, { user }) => {
      if (caller.uid !== undefined) throw new ChatError('forbidden', 'only the back end erases users');
      await eraseUser(deps, caller, { tid: caller.tid, uid: await resolveAnyUser(sql, caller, user) });
    }),
    bindOperation(operations.mergeUser, async (caller, { user, into }) => {
      return getUser(sql, caller, await mergeUser(deps, caller, user, into));
    }),
  ];
}

export function bindTokens(deps: MintDeps): readonly BoundOperation[] {
  return [bindOperation(operations.createToken, (caller, request) => mintToken(deps, caller, request))];
}

async function update(
  { sql, publishEvents }: UserDeps,
  caller: Reader,
  user: Actor,
  change: UpdateUser,
): Promise<User> {
  checkMayChange(caller, user, change);
  await updateUser(sql, publishEvents, caller, user, change);
  return getUser(sql, caller, user.uid);
}

/**
 * A user, also one for whom the back end acts, may change only their own name and profile; who may give roles in the tenant
 * depends on both (give-tenant-role.ts).
 */
function checkMayChange({ uid: actor }: Reader, { uid }: Actor, { role: _, deactivated, ...own }: UpdateUser): void {
  if (actor === undefined) return;
  if (actor !== uid && Object.keys(own).length > 0) {
    throw new ChatError('forbidden', 'only the back end changes the names and profiles of others');
  }
  if (deactivated !== undefined) throw new ChatError('forbidden', 'only the back end deactivates users');
}
