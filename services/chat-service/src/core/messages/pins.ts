/** Raw SQL: messages as the frames that clients get. */
import type { Sql } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import { frameColumns, frameOf, type FrameRow } from './frames.ts';
import { readHeads } from './history.ts';

/** `Pins` as JSON text: those that the reader may see, the last one pinned first. Throws `not_found`, `not_member`. */
export async function pinsOf(sql: Sql, reader: Reader, cid: string): Promise<string> {
  const { first } = await readHeads(sql, reader, cid);
  const rows = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.pinned_at is not null and m.seq >= ${first} order by m.pinned_at desc`;
  return `{"items":[${rows.map((row) => frameOf('message', row)).join(',')}]}`;
}
