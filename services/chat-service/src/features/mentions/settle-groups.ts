/** Raw SQL: a row for each of many users, in one statement. */
import type { Transaction } from '../../platform/database/connect.ts';
import type { OpenMessage } from './find-open.ts';

type Open = Omit<OpenMessage, 'isLate'>;

/**
 * Settles whom the groups in a message mention (MEN-11): their members of those who took part when it was stored or, of an edited
 * one, changed last. Returns how many. Once for a message: a second time nothing is open.
 *
 * Whoever changes the message waits: its row is locked, before what is open is read again. While somebody else has it locked, it
 * stays open for the next look.
 */
export async function settleGroups(tx: Transaction, open: Open): Promise<number> {
  const { tid, cid, seq } = open;
  const locked = await tx`
    select from messages
    where conversation_id = ${cid} and seq = ${seq} and tenant_id = ${tid} for no key update skip locked`;
  if (locked.length === 0) return forgetGone(tx, open);
  const { count } = await tx`
    with open as (
      delete from open_group_mentions where conversation_id = ${cid} and seq = ${seq} and tenant_id = ${tid}
      returning conversation_id, seq
    ), message as (
      select m.*, case when m.edited_at is null then m.created_at else m.changed_at end as said_at
      from open join messages m on m.conversation_id = open.conversation_id and m.seq = open.seq
    )
    insert into mentions (conversation_id, user_id, seq, tenant_id, sender_id, scope, created_at)
    select distinct m.conversation_id, p.user_id, m.seq, m.tenant_id, m.sender_id, 'group', m.created_at
    from message m
    cross join lateral jsonb_to_recordset(m.mentions -> 'groups') as named (id uuid)
    join user_group_members g on g.group_id = named.id and g.tenant_id = m.tenant_id and g.added_at <= m.said_at
    join users u on u.id = g.user_id
    -- During a merge the survivor takes part already, and the merged user belongs to the group still.
    join participants p on p.conversation_id = m.conversation_id
      and p.user_id = any(array[g.user_id, u.merged_into]) and p.joined_at <= m.said_at
    where m.sender_id not in (g.user_id, p.user_id)
    on conflict do nothing`;
  return count;
}

/** Nothing of a message that is not there any more is open. */
async function forgetGone(tx: Transaction, { tid, cid, seq }: Open): Promise<0> {
  await tx`
    delete from open_group_mentions where conversation_id = ${cid} and seq = ${seq} and tenant_id = ${tid}
      and not exists (select from messages m where m.conversation_id = ${cid} and m.seq = ${seq})`;
  return 0;
}
