/** Raw SQL: of a table that every send goes through, compared as `append_messages` compares a repeat. */
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { Message, ScheduledRow } from './scheduled-row.ts';

export interface Sent {
  readonly seq: number;
  /** By the user, or by one who was merged into it, with this content: what a repeat of the send would be (IDM-3). */
  readonly isSame: boolean;
}

/** The message that is stored in the conversation under this `mid`; undefined when there is none. */
export async function findSent(
  sql: Sql | Transaction,
  { tid, uid }: Pick<Actor, 'tid' | 'uid'>,
  { cid, mid, message }: Pick<ScheduledRow, 'cid' | 'mid' | 'message'>,
): Promise<Sent | undefined> {
  const { kind, body, replyTo, threadRoot, showInChannel, expiresIn, expiresAfterRead } = JSON.parse(
    message,
  ) as Message;
  const [sent] = await sql<Sent[]>`
    select m.seq, coalesce((u.id = ${uid} or u.merged_into = ${uid}) and m.kind = ${kind}
      and m.reply_to is not distinct from ${replyTo ?? null}::bigint
      and m.thread_root is not distinct from ${threadRoot ?? null}::bigint
      and m.show_in_channel is not distinct from ${showInChannel === true ? true : null}::boolean
      and m.expires_after_read is not distinct from ${expiresAfterRead ?? null}::int
      and case when m.read_by_all_at is null then m.expires_at else m.expires_unread_at end
        is not distinct from m.created_at + ${expiresIn ?? null}::int * interval '1 second'
      and (m.expired_at is not null or ${JSON.stringify(body)}::text = coalesce(
        (select e.previous_body from message_edits e
         where e.conversation_id = m.conversation_id and e.seq = m.seq order by e.rev limit 1),
        m.body)::text), false) as "isSame"
    from messages m left join users u on u.id = m.sender_id
    where m.conversation_id = ${cid} and m.mid = ${mid} and m.tenant_id = ${tid}`;
  return sent;
}
