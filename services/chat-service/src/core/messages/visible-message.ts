import { ChatError } from '@messagecore/protocol';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import { readHeads } from './history.ts';

/**
 * That there is such a message, and that the reader may see it. Throws `not_found`, `not_member`. Raw SQL: of a table that
 * every send goes through, and beside what pages of history read.
 */
export async function checkVisible(sql: Sql | Transaction, reader: Reader, cid: string, seq: number): Promise<void> {
  const { first, head } = await readHeads(sql, reader, cid);
  const [message] = await sql`select from messages where conversation_id = ${cid} and seq = ${seq}`;
  if (message === undefined || seq < first || seq > head) throw new ChatError('not_found', 'no such message');
}
