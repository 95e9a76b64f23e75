/** Raw SQL: a range of an index, of which some rows are taken, bounded in bytes. */
import { LIMITS, Seq } from '@messagecore/protocol';
import type { FilterQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { frameOf } from './frames.ts';
import { isAny, readHeads, readWithin } from './history.ts';

const PageKey = z.tuple([Seq]);

/**
 * A page as JSON text: messages of a kind, of a sender or both, the newest first, as far as the reader may see them. One kind
 * that is not `text` is a range of the index `messages_of_kind`. For all else `LIMITS.messagesLookedAt` numbers are looked
 * at: the page may have fewer messages than there are, or none, and `next` goes on behind them. Throws `not_found`,
 * `not_member`.
 */
export async function filteredPage(
  sql: Sql,
  reader: Reader,
  cid: string,
  { kind, sender, from = 1, to = Number.MAX_SAFE_INTEGER, limit, cursor }: FilterQuery,
): Promise<string> {
  const [before = Infinity] = decodeCursor(cursor, PageKey) ?? [];
  const { head, first } = await readHeads(sql, reader, cid);
  const [lowest, highest] = [Math.max(first, from), Math.min(head, to, before - 1)];
  const isIndexed = kind !== undefined && kind !== 'text' && sender === undefined;
  const floor = isIndexed ? lowest : Math.max(lowest, highest - LIMITS.messagesLookedAt + 1);
  const condition = sql`
    m.conversation_id = ${cid} and m.seq between ${floor} and ${highest}
    ${kind === undefined ? sql`` : sql`and m.kind = ${kind}`} ${isIndexed ? sql`and m.kind <> 'text'` : sql``}
    ${sender === undefined ? sql`` : sql`and m.sender_id = ${sender}`}`;
  const rows = await readWithin(sql, condition, sql`m.seq desc`, { limit: limit + 1, bytes: LIMITS.pageBytes });
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.seq;
  const isCut =
    last !== undefined && (rows.length > limit || (await isAny(sql, sql`${condition} and m.seq < ${last}`)));
  const behind = isCut ? last : floor;
  const next = behind > lowest ? encodeCursor([behind]) : null;
  return `{"items":[${items.map((row) => frameOf('message', row)).join(',')}],"next":${JSON.stringify(next)}}`;
}
