import { ChatError } from '@messagecore/protocol';
import { ERASED_NAME } from '@messagecore/protocol/features';
import { eq } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { endAllTokens } from './end-tokens.ts';
import { devices, users } from './tables.ts';
import { isUser } from './user-queries.ts';

/**
 * Erases who a user was, in one transaction: name, external id, devices and their positions, drafts. The messages stay, and the
 * memberships, under the id alone; the tenant's external id is free for another user. Every token ends with the
 * commit, open sessions end when gateways hear of it. Throws `not_found`, also when done again.
 */
export async function eraseUser(
  sql: Sql,
  publishEvents: PublishEvents,
  { tid, uid }: { readonly tid: string; readonly uid: string },
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
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
    await endAllTokens(tx, uid);
    await db(tx).delete(devices).where(eq(devices.userId, uid));
    // Raw SQL: positions and drafts are described above users.
    await tx`
      delete from device_cursors c using participants p
      where p.user_id = ${uid} and c.conversation_id = p.conversation_id and c.user_id = p.user_id`;
    await tx`delete from drafts where user_id = ${uid}`;
    await emit(userEvent(tid, uid, { v: 1, event: 'deactivated' }));
  });
}
