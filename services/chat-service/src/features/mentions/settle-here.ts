/** Raw SQL: a row for each of many users, in the statement that takes the one of all away. */
import { LIMITS } from '@messagecore/protocol';
import { EVERYBODY } from '../../core/messages/unread-mentions.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import type { OpenMessage } from './find-open.ts';

/** Who is online, those too who do not show it. */
export type OnlineAmong = Pick<PresenceStore, 'onlineAmong'>['onlineAmong'];

/**
 * Settles whom `here` in a message mentions (MEN-9): those who are online, of those who took part when it was stored or, of an
 * edited one, changed last. Returns how many. Once for a message: a second time nothing is open. Rejects with `unavailable` while
 * nobody knows who is online; then it stays open.
 *
 * Whoever changes the message waits, or has settled it anew: its row is locked, before what is open is read again.
 */
export async function settleHere(tx: Transaction, onlineAmong: OnlineAmong, open: OpenMessage): Promise<number> {
  const { tid, cid, seq, isLate } = open;
  const online = isLate ? [] : await onlineAmong(tid, await mayBeMeant(tx, open));
  const locked = await tx`
    select from messages where conversation_id = ${cid} and seq = ${seq} and tenant_id = ${tid} for no key update`;
  if (locked.length === 0) return 0;
  const { count } = await tx`
    with open as (
      delete from mentions
      where conversation_id = ${cid} and user_id = ${EVERYBODY} and seq = ${seq} and tenant_id = ${tid} and scope = 'here'
      returning *
    )
    insert into mentions (conversation_id, user_id, seq, tenant_id, sender_id, scope, online, created_at)
    select open.conversation_id, p.user_id, open.seq, open.tenant_id, open.sender_id, 'here', true, open.created_at
    from open join participants p on p.conversation_id = open.conversation_id and p.user_id = any(${online}::uuid[])
    on conflict (conversation_id, user_id, seq) do update set online = true`;
  return count;
}

async function mayBeMeant(tx: Transaction, { tid, cid, seq }: OpenMessage): Promise<string[]> {
  const rows = await tx<{ uid: string }[]>`
    select p.user_id as uid
    from messages m join participants p on p.conversation_id = m.conversation_id and p.tenant_id = m.tenant_id
    where m.conversation_id = ${cid} and m.seq = ${seq} and m.tenant_id = ${tid} and p.user_id <> m.sender_id
      and p.joined_at <= case when m.edited_at is null then m.created_at else m.changed_at end
    limit ${LIMITS.mentionAllParticipants}`;
  return rows.map(({ uid }) => uid);
}
