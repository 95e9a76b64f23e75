import { ChatError } from '@messagecore/protocol';
import { ERASED_NAME } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { endAllTokens } from './end-tokens.ts';

/**
 * Erases who a user was, in one transaction: name, external id, devices and their positions. The messages stay, and the
 * memberships, under the id alone; the tenant's external id is free for another user. Every token ends with the
 * commit, open sessions end when gateways hear of it. Throws `not_found`, also when done again.
 */
export async function eraseUser(
  sql: Sql,
  publishEvents: PublishEvents,
  { tid, uid }: { readonly tid: string; readonly uid: string },
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [user] = await tx`
      update users
      set status = 'deleted', display_name = ${ERASED_NAME}, external_id = null, search_name = null, search_of = null,
        role = 'member', updated_at = now()
      where tenant_id = ${tid} and id = ${uid} and status <> 'deleted' returning id`;
    if (user === undefined) throw new ChatError('not_found', 'no such user');
    await endAllTokens(tx, uid);
    await tx`delete from devices where user_id = ${uid}`;
    await tx`
      delete from device_cursors c using participants p
      where p.user_id = ${uid} and c.conversation_id = p.conversation_id and c.user_id = p.user_id`;
    await emit(userEvent(tid, uid, { v: 1, event: 'deactivated' }));
  });
}
