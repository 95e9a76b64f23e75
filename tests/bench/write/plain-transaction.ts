import type { Sql } from 'postgres';
import type { WriteItem, Writer } from './writer.ts';

/**
 * The way a send is written in most chat servers, over the same tables and with the same promises: one interactive
 * transaction a message, seven round trips. The lock on the conversation's row is held over five of them.
 */
export function plainTransaction(sql: Sql): Writer {
  return {
    write: ({ tid, cid, uid, mid, clientId, kind, body }: WriteItem) =>
      // 1 BEGIN
      sql.begin<number>(async (tx) => {
        // 2 membership, and the head under its lock
        const [head] = await tx<{ lastSeq: string }[]>`
          select c.last_seq as "lastSeq"
          from conversations c join participants p using (conversation_id)
          where c.conversation_id = ${cid} and c.tenant_id = ${tid} and p.user_id = ${uid}
          for update of c`;
        if (head === undefined) throw new Error('not a participant');
        // 3 the same mid again?
        const [repeat] = await tx<{ seq: string }[]>`
          select seq from messages where conversation_id = ${cid} and mid = ${mid}`;
        if (repeat !== undefined) return Number(repeat.seq);
        const seq = Number(head.lastSeq) + 1;
        // 4 the message
        await tx`
          insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
          values (${cid}, ${seq}, ${tid}, ${mid}, ${uid}, ${clientId}, ${kind}, ${body}::text::json, now())`;
        // 5 the head
        await tx`update conversations set last_seq = ${seq} where conversation_id = ${cid}`;
        // 6 the outbox
        await tx`
          insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
          values ('msg', now(), array[${cid}::uuid], array[${seq}::bigint], array[${seq}::bigint])`;
        return seq;
        // 7 COMMIT
      }),
    stop: () => Promise.resolve(),
  };
}
