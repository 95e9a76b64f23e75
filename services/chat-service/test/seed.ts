import { createUlid } from '@messagecore/kernel';
import type postgres from 'postgres';
import { onTestFinished } from 'vitest';
import type { TestService } from './service.ts';

/** A connection of the test's own to the service's database, closed when the test ends. */
export function database(house: TestService): postgres.Sql {
  const sql = house.sql();
  onTestFinished(() => sql.end());
  return sql;
}

export interface SeededMessage {
  readonly seq: number;
  readonly text: string;
}

/** Stores messages behind the service's back, as if they had been sent: `count` more, by one sender. */
export async function seedMessages(
  sql: postgres.Sql,
  { tid, cid, uid }: { tid: string; cid: string; uid: string },
  count: number,
  textOf: (seq: number) => string = (seq) => `message ${seq}`,
): Promise<SeededMessage[]> {
  const newMid = createUlid();
  const [{ head } = { head: '0' }] = await sql<{ head: string }[]>`
    select last_seq as head from conversations where conversation_id = ${cid}`;
  const messages = Array.from({ length: count }, (_, n) => {
    const seq = Number(head) + n + 1;
    return { seq, text: textOf(seq) };
  });
  const rows = messages.map(({ seq, text }) => ({
    conversation_id: cid,
    seq,
    tenant_id: tid,
    mid: newMid(),
    sender_id: uid,
    client_id: 'seed',
    kind: 'text',
    body: JSON.stringify({ text }),
    created_at: new Date(),
  }));
  for (let start = 0; start < rows.length; start += 1_000) {
    const part = rows.slice(start, start + 1_000);
    await sql`
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
      select conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body::json, created_at
      from jsonb_to_recordset(${JSON.stringify(part)}::text::jsonb) as seeded(
        conversation_id uuid, seq bigint, tenant_id uuid, mid text, sender_id uuid, client_id text, kind text, body text,
        created_at timestamptz)`;
  }
  await sql`update conversations set last_seq = last_seq + ${count} where conversation_id = ${cid}`;
  return messages;
}
