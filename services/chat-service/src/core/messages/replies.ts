/** Raw SQL: a window over an index, bounded in bytes. */
import { LIMITS } from '@messagecore/protocol';
import type { ThreadPageQuery } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import { frameOf } from './frames.ts';
import { isAny, readHeads, readWithin } from './history.ts';

/**
 * A `ThreadPage` as JSON text: the replies to a message, as far as the reader may see them. Every page is one index range,
 * at any depth. Throws `not_found`, `not_member`.
 */
export async function repliesPage(
  sql: Sql,
  reader: Reader,
  { cid, seq: root }: { readonly cid: string; readonly seq: number },
  { before, after, limit }: ThreadPageQuery,
): Promise<string> {
  const { head, first } = await readHeads(sql, reader, cid);
  const [from, to] = [Math.max(first, (after ?? 0) + 1), Math.min(head, (before ?? Infinity) - 1)];
  const condition = sql`m.conversation_id = ${cid} and m.thread_root = ${root} and m.seq between ${from} and ${to}`;
  const order = after === undefined ? sql`m.seq desc` : sql`m.seq`;
  const rows = await readWithin(sql, condition, order, { limit: limit + 1, bytes: LIMITS.pageBytes });
  const page = rows.slice(0, limit);
  const items = (after === undefined ? page.toReversed() : page).map((row) => frameOf('message', row));
  const last = page.at(-1)?.seq;
  const behind = after === undefined ? sql`m.seq < ${last ?? 0}` : sql`m.seq > ${last ?? 0}`;
  const more = last !== undefined && (rows.length > limit || (await isAny(sql, sql`${condition} and ${behind}`)));
  return `{"items":[${items.join(',')}],"more":${more}}`;
}
