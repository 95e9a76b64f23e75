import { ChatError } from '@messagecore/protocol';
import { type UpdateUser } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import { searchableNames } from './search-name.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { commitWithEvents, type Emit, type PublishEvents } from '../outbox/emit.ts';
import { profileEvent, userEvent } from '../outbox/events.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { checkKeyReaches } from '../permissions/tenant-roles.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { auditUser } from './audit-user.ts';
import { endAllTokens } from './end-tokens.ts';
import { giveTenantRole } from './give-tenant-role.ts';
import { users } from './tables.ts';
import { keepActiveOwner } from './tenant-owners.ts';
import { updateProfile } from './update-profile.ts';
import { tellOfChange } from './user-changed.job.ts';
import { isUser } from './user-queries.ts';

/**
 * Changes a user's name and profile, gives it a role, deactivates it or lets it in again, in one transaction. From the commit
 * on a deactivated user's tokens are refused, and older tokens stay refused when the user is activated again; open sessions
 * end when gateways receive the event. Doing it again changes nothing but publishes the event that ends sessions again; that
 * of a changed profile is published when a value has become another one.
 * A name or profile that became another one is in the audit log, without its values, unless the user has changed it.
 * Throws `not_found`, `forbidden`, also for the tenant's last active owner and for a key that does not reach the user, and what
 * `updateProfile` throws.
 */
export async function updateUser(
  sql: Sql,
  publishEvents: PublishEvents,
  caller: Reader,
  user: Actor,
  change: UpdateUser,
): Promise<void> {
  const { uid } = user;
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const isOther = await changeUser({ tx, emit }, caller, user, change);
    if (isOther && caller.uid !== uid) await auditUser(tx, caller, { action: 'update_user', target: `user:${uid}` });
  });
}

/** The same as a part of a transaction, without that entry. True when the name or profile became another one. */
export async function changeUser(
  { tx, emit }: { readonly tx: Transaction; readonly emit: Emit },
  caller: Reader,
  { tid, uid }: Actor,
  { displayName, role, deactivated, ...profile }: UpdateUser,
): Promise<boolean> {
  if (role !== undefined || deactivated === true) await lockTenant(tx, tid);
  const [user] = await db(tx)
    .select({ status: users.status, role: users.role, displayName: users.displayName })
    .from(users)
    .where(isUser(tid, uid))
    .for('no key update');
  if (user === undefined) throw new ChatError('not_found', 'no such user');
  checkKeyReaches(caller, user.role);
  if (deactivated === true) await keepActiveOwner(tx, { tid, uid });
  if (displayName !== undefined) await renameUser(tx, uid, displayName);
  const isProfileOther = await updateProfile(tx, caller, { tid, uid }, profile);
  if (deactivated !== undefined) await setStatus(tx, { tid, uid }, user.status, deactivated ? 'deactivated' : 'active');
  const isRenamed = displayName !== undefined && displayName !== user.displayName;
  const isOther = isRenamed || isProfileOther;
  if (isOther) await emit(profileEvent(tid, uid));
  if (deactivated === true) await emit(userEvent(tid, uid, { v: 1, event: 'deactivated' }));
  if (role !== undefined) await giveTenantRole(tx, caller, { tid, uid }, role);
  const isChanged = deactivated !== undefined && (user.status === 'active') === deactivated;
  if (!isChanged) return isOther;
  const action = deactivated ? 'deactivate_user' : 'reactivate_user';
  const change = { before: { status: user.status }, after: { status: deactivated ? 'deactivated' : 'active' } };
  await auditUser(tx, caller, { action, target: `user:${uid}`, ...change });
  return isOther;
}

async function setStatus(tx: Transaction, user: Actor, from: string, to: 'active' | 'deactivated'): Promise<void> {
  const { uid } = user;
  if (from === to) return;
  await db(tx).update(users).set({ status: to, updatedAt: now() }).where(eq(users.id, uid));
  await (to === 'deactivated' ? endAllTokens(tx, uid) : tellOfChange(tx, user));
}

/** Gives the user a name, under which it is found from the commit on. */
export async function renameUser(tx: Transaction, uid: string, displayName: string): Promise<void> {
  const [user] = await db(tx)
    .select({ externalId: users.externalId })
    .from(users)
    .where(eq(users.id, uid))
    .for('no key update');
  const searchName = searchableNames(displayName, user?.externalId ?? null);
  await db(tx)
    .update(users)
    .set({ displayName, searchName, searchOf: displayName, updatedAt: now() })
    .where(and(eq(users.id, uid), ne(users.status, 'deleted')));
}
