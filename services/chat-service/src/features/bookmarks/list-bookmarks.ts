/** Raw SQL: a page of an index, by all of its columns. */
import { Cid, Millis, Seq } from '@messagecore/protocol';
import type { PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import { readShown } from '../../core/messages/shown-messages.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';

const PageKey = z.tuple([Millis, Cid, Seq]);

interface Row {
  readonly cid: string;
  readonly seq: number;
  readonly note: string | null;
  readonly at: number;
}

/** A page as JSON text: a user's bookmarks, the newest first, each with its message as the user may see it now. */
export async function listBookmarks(sql: Sql, user: Actor, { limit, cursor }: PageQuery): Promise<string> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined
      ? sql``
      : sql`
        and (created_at, conversation_id, seq)
          < (to_timestamp(${after[0]}::float8 / 1000), ${after[1]}::uuid, ${after[2]}::bigint)`;
  const rows = await sql<Row[]>`
    select conversation_id as cid, seq, note, round(extract(epoch from created_at) * 1000)::float8 as at
    from bookmarks where user_id = ${user.uid} and tenant_id = ${user.tid} ${behind}
    order by created_at desc, conversation_id desc, seq desc limit ${limit + 1}`;
  const shown = await readShown(sql, user, rows.slice(0, limit));
  const { items, next } = pageOf(rows, shown.length, ({ at, cid, seq }) => [at, cid, seq]);
  const texts = items.map((row, n) => `${JSON.stringify(row).slice(0, -1)},"message":${shown[n]}}`);
  return `{"items":[${texts.join(',')}],"next":${JSON.stringify(next)}}`;
}
