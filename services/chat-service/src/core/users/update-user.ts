import { ChatError } from '@messagecore/protocol';
import { type UpdateUser } from '@messagecore/protocol/features';
import { searchableNames } from './search-name.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { endAllTokens } from './end-tokens.ts';

/**
 * Renames a user, deactivates it or lets it in again, in one transaction. From the commit on a deactivated user's
 * tokens are refused, and older tokens stay refused when the user is activated again; open sessions end when gateways
 * receive the event. Doing it again changes nothing but publishes the event again. Throws `not_found`.
 */
export async function updateUser(
  sql: Sql,
  publishEvents: PublishEvents,
  { tid, uid }: { readonly tid: string; readonly uid: string },
  { displayName, deactivated }: UpdateUser,
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [user] = await tx<{ status: string }[]>`
      select status from users
      where tenant_id = ${tid} and id = ${uid} and status <> 'deleted' for no key update`;
    if (user === undefined) throw new ChatError('not_found', 'no such user');
    if (displayName !== undefined) await renameUser(tx, uid, displayName);
    if (deactivated !== undefined) await setStatus(tx, uid, user.status, deactivated ? 'deactivated' : 'active');
    if (deactivated === true) await emit(userEvent(tid, uid, { v: 1, event: 'deactivated' }));
  });
}

async function setStatus(tx: Transaction, uid: string, from: string, to: 'active' | 'deactivated'): Promise<void> {
  if (from === to) return;
  await tx`update users set status = ${to}, updated_at = now() where id = ${uid}`;
  if (to === 'deactivated') await endAllTokens(tx, uid);
}

/** Gives the user a name, under which it is found from the commit on. */
export async function renameUser(tx: Transaction, uid: string, displayName: string): Promise<void> {
  const [user] = await tx<{ externalId: string | null }[]>`
    select external_id as "externalId" from users where id = ${uid} for no key update`;
  const names = searchableNames(displayName, user?.externalId ?? null);
  await tx`
    update users set display_name = ${displayName}, search_name = ${names}, search_of = ${displayName}, updated_at = now()
    where id = ${uid} and status <> 'deleted'`;
}
