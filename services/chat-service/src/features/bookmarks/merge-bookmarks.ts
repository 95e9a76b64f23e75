/**
 * Bookmarks go over with a merge; of a message that both have bookmarked the survivor's stays. A merge may leave more than one
 * user may make.
 *
 * Raw SQL: many rows in one statement.
 */
import type { Actor } from '../../core/identity/caller.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import { noteMoves, takeMoves } from '../../core/users/moves.ts';
import type { Transaction } from '../../platform/database/connect.ts';

const PART = 'bookmarks';
/** Bookmarks in one transaction. */
const PIECE = 500;

interface Row {
  readonly cid: string;
  readonly seq: number;
  readonly note: string | null;
  readonly at: number;
  /** Whether the survivor has bookmarked the same message. */
  readonly doubled: boolean;
}

export const mergeBookmarks: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from, into } = merging;
    const found = await tx<Row[]>`
      select conversation_id as cid, seq, note, (extract(epoch from created_at) * 1000)::float8 as at, exists (
        select from bookmarks o where o.conversation_id = b.conversation_id and o.seq = b.seq and o.user_id = ${into}
      ) as doubled
      from bookmarks b where user_id = ${from} order by conversation_id, seq limit ${PIECE} for update`;
    await tx`
      delete from bookmarks b using ${given(tx, found)} where b.user_id = ${from} and b.conversation_id = cid and b.seq = g.seq`;
    await insert(
      tx,
      { ...merging, uid: into },
      found.filter(({ doubled }) => !doubled),
    );
    await noteMoves(
      tx,
      merging,
      PART,
      found.map((row) => ({ key: `${row.cid} ${row.seq}`, before: row })),
    );
    return found.length > 0;
  },
  async moveBack(tx, merging) {
    const rows = (await takeMoves(tx, merging, PART, PIECE)).map(({ before }) => before as Row);
    const moved = rows.filter(({ doubled }) => !doubled);
    await tx`
      delete from bookmarks b using ${given(tx, moved)}
      where b.user_id = ${merging.into} and b.conversation_id = cid and b.seq = g.seq`;
    await insert(tx, { ...merging, uid: merging.from }, rows);
    return rows.length > 0;
  },
};

const given = (tx: Transaction, rows: readonly Row[]) => tx`
  json_to_recordset(${JSON.stringify(rows)}::text::json) as g (cid uuid, seq bigint, note text, at float8)`;

const insert = (tx: Transaction, { tid, uid }: Actor, rows: readonly Row[]) => tx`
  insert into bookmarks (user_id, conversation_id, seq, tenant_id, note, created_at)
  select ${uid}, cid, seq, ${tid}, note, to_timestamp(at / 1000) from ${given(tx, rows)}
  on conflict do nothing`;
