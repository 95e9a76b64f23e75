import type postgres from 'postgres';

/** Stores messages behind the product's back, as if they had been sent: `count` more, by one user, unannounced. */
export async function seedMessages(sql: postgres.Sql, cid: string, uid: string, count: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
      select conversation_id, last_seq + n, tenant_id, upper(substr(md5(conversation_id::text || (last_seq + n)), 1, 26)),
        ${uid}, 'seed', 'text', json_build_object('text', 'message ' || n), now()
      from conversations, generate_series(1, ${count}::int) as n where conversation_id = ${cid}`;
    await tx`update conversations set last_seq = last_seq + ${count} where conversation_id = ${cid}`;
  });
}
