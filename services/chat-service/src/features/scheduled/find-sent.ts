/** Raw SQL: of a table that every send goes through. */
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { Key } from './scheduled-row.ts';

/** The message of the user, or of one who was merged into it, if it is stored; undefined when it is not. */
export async function findSent(sql: Sql | Transaction, uid: string, { cid, mid }: Key): Promise<number | undefined> {
  const [message] = await sql<{ seq: number }[]>`
    select m.seq from messages m join users u on u.id = m.sender_id
    where m.conversation_id = ${cid} and m.mid = ${mid} and (u.id = ${uid} or u.merged_into = ${uid})`;
  return message?.seq;
}
