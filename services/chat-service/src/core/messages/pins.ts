/** Raw SQL: messages as the frames that clients get, a page of them bounded in bytes. */
import { LIMITS, Millis, Seq } from '@messagecore/protocol';
import type { PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { frameOf } from './frames.ts';
import { readHeads, readWithin } from './history.ts';

const PageKey = z.tuple([Millis, Seq]);

/** A page as JSON text: pinned messages that the reader may see, the last one pinned first. Throws `not_found`, `not_member`. */
export async function pinsPage(sql: Sql, reader: Reader, cid: string, { limit, cursor }: PageQuery): Promise<string> {
  const after = decodeCursor(cursor, PageKey);
  const { first } = await readHeads(sql, reader, cid);
  const visible = sql`m.conversation_id = ${cid} and m.pinned_at is not null and m.seq >= ${first}`;
  const behind =
    after === undefined
      ? sql``
      : sql`and (m.pinned_at, m.seq) < (to_timestamp(${after[0]}::float8 / 1000), ${after[1]}::bigint)`;
  const order = sql`m.pinned_at desc, m.seq desc`;
  const rows = await readWithin(sql, sql`${visible} ${behind}`, order, { limit, bytes: LIMITS.pageBytes });
  const [next] = await sql<{ at: number; seq: number }[]>`
    select round(extract(epoch from l.pinned_at) * 1000)::float8 as at, l.seq from messages l
    where l.conversation_id = ${cid} and l.seq = ${rows.at(-1)?.seq ?? 0} and exists (
      select from messages m where ${visible} and (m.pinned_at, m.seq) < (l.pinned_at, l.seq)
    )`;
  const cursorOfNext = next === undefined ? null : encodeCursor([next.at, next.seq]);
  return `{"items":[${rows.map((row) => frameOf('message', row)).join(',')}],"next":${JSON.stringify(cursorOfNext)}}`;
}
