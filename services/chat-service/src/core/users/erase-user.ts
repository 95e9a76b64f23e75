import { ChatError } from '@messagecore/protocol';
import { ERASED_NAME } from '@messagecore/protocol/features';
import { eq } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { profileEvent, userEvent } from '../outbox/events.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { auditUser } from './audit-user.ts';
import { checkReaches } from './check-reaches.ts';
import { endAllTokens } from './end-tokens.ts';
import { devices, userProfiles, users } from './tables.ts';
import { keepActiveOwner } from './tenant-owners.ts';
import { isBeingMerged } from './merge-user.ts';
import { isUser } from './user-queries.ts';

export interface EraseDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly erasure: SagaKind<Actor>;
}

/**
 * Erases who a user was. In one transaction go name, external id, profile, role and devices; every token ends with the
 * commit, open sessions end when gateways hear of it, and the tenant's external id is free for another user. The rest
 * follows in pieces (`erasureOf`), and with the user go those who were merged into it. The messages stay, and the memberships,
 * under the ids alone. Throws `not_found`, also when done again, `forbidden` for the tenant's last active owner and for a key that
 * does not reach the user, and `conflict` while somebody is merged into the user.
 */
export async function eraseUser(
  { sql, publishEvents, erasure }: EraseDeps,
  caller: Reader,
  { tid, uid }: Actor,
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await lockTenant(tx, tid);
    await checkReaches(tx, caller, { tid, uid });
    await keepActiveOwner(tx, { tid, uid });
    const nobody = {
      displayName: ERASED_NAME,
      externalId: null,
      searchName: null,
      searchOf: null,
      role: 'member',
    } as const;
    const { count } = await db(tx)
      .update(users)
      .set({ status: 'deleted', ...nobody, updatedAt: now() })
      .where(isUser(tid, uid));
    if (count === 0) throw new ChatError('not_found', 'no such user');
    if (await isBeingMerged(tx, [uid])) throw new ChatError('conflict', 'the user is being merged');
    const merged = await db(tx)
      .update(users)
      .set({ ...nobody, mergedInto: null, updatedAt: now() })
      .where(eq(users.mergedInto, uid))
      .returning({ id: users.id });
    const erased = [uid, ...merged.map(({ id }) => id)];
    await endAllTokens(tx, uid);
    await db(tx).delete(devices).where(eq(devices.userId, uid));
    await db(tx).delete(userProfiles).where(eq(userProfiles.userId, uid));
    for (const id of erased) await startSaga(tx, erasure, { tid, subject: `user:${id}`, state: { tid, uid: id } });
    await emit(userEvent(tid, uid, { v: 1, event: 'deactivated' }));
    await emit(...erased.map((id) => profileEvent(tid, id)));
    await auditUser(tx, caller, { action: 'erase_user', target: `user:${uid}`, after: { status: 'deleted' } });
  });
}
