import { ChatError } from '@messagecore/protocol';
import type { TenantRole } from '@messagecore/protocol/features';
import { and, eq, ne, sql as part } from '../../platform/database/drizzle.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import type { Reader } from '../identity/caller.ts';
import { checkKeyReaches } from '../permissions/tenant-roles.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { auditUser } from './audit-user.ts';
import { endAllTokens } from './end-tokens.ts';
import type { MergeState } from './merge.saga.ts';
import type { Merging } from './moves.ts';
import { devices, users } from './tables.ts';
import { keepActiveOwner } from './tenant-owners.ts';
import { resolveAnyUser } from './user-queries.ts';

export interface MergeDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly merge: SagaKind<MergeState>;
}

/**
 * Begins to merge a user into another, and returns the survivor's id. From the commit on the merged user is deactivated, its
 * devices are signed out, and its ids name the survivor. Throws `not_found`, `bad_request` for one and the same user,
 * `forbidden` for the tenant's last active owner and for a key that does not reach both, `conflict` while one of the two is being merged.
 */
export async function mergeUser(
  { sql, publishEvents, merge }: MergeDeps,
  caller: Reader,
  ref: string,
  intoRef: string,
): Promise<string> {
  const { tid } = caller;
  const backEnd = { tid, uid: undefined };
  const [from, into] = [await resolveAnyUser(sql, backEnd, ref), await resolveAnyUser(sql, backEnd, intoRef)];
  if (from === into) throw new ChatError('bad_request', 'into: is the user itself');
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await lockTenant(tx, tid);
    const { status, roles } = await lockPair(tx, { tid, from, into });
    checkKeyReaches(caller, ...roles);
    await keepActiveOwner(tx, { tid, uid: from });
    await db(tx)
      .update(users)
      .set({ mergedInto: into, status: 'deactivated', updatedAt: now() })
      .where(eq(users.id, from));
    await endAllTokens(tx, from);
    await db(tx).delete(devices).where(eq(devices.userId, from));
    await startSaga(tx, merge, { tid, subject: `user:${from}`, state: { tid, from, into, status } });
    await emit(userEvent(tid, from, { v: 1, event: 'deactivated' }));
    const change = { before: { status }, after: { into } };
    await auditUser(tx, caller, { action: 'merge_user', target: `user:${from}`, ...change });
  });
  return into;
}

interface Locked extends Pick<MergeState, 'status'> {
  readonly roles: readonly TenantRole[];
}

/** Both, and nobody is being merged into one of them or is one of them. */
async function lockPair(tx: Transaction, { tid, from, into }: Merging): Promise<Locked> {
  const rows = await db(tx)
    .select({ id: users.id, status: users.status, role: users.role, mergedInto: users.mergedInto })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, [from, into])))
    .orderBy(users.id)
    .for('no key update');
  const status = rows.find(({ id }) => id === from)?.status;
  const isGone = rows.length < 2 || rows.some((row) => row.status === 'deleted');
  if (isGone || status === undefined || status === 'deleted') throw new ChatError('not_found', 'no such user');
  const isMerging = rows.some(({ mergedInto }) => mergedInto !== null) || (await isBeingMerged(tx, [from, into]));
  if (isMerging) throw new ChatError('conflict', 'one of the two is being merged');
  return { status, roles: rows.map(({ role }) => role) };
}

/** Whether somebody is on the way into one of these. */
export async function isBeingMerged(tx: Transaction, uids: readonly string[]): Promise<boolean> {
  const underWay = and(isAnyOf(users.mergedInto, [...uids]), ne(users.status, 'deleted'));
  const [found] = await db(tx)
    .select({ one: part`1` })
    .from(users)
    .where(underWay)
    .limit(1);
  return found !== undefined;
}
