/**
 * Bookmarks go over with a merge; of a message that both have bookmarked the survivor's stays. A merge may leave more than one
 * user may make.
 *
 * Raw SQL: many rows change their user in one statement.
 */
import type { MergePart } from '../../core/users/merge.saga.ts';
import { noteMoves, takeMoves } from '../../core/users/moves.ts';

const PART = 'bookmarks';
/** Bookmarks in one transaction. */
const PIECE = 500;

interface Moved {
  readonly cid: string;
  readonly seq: number;
}

export const mergeBookmarks: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from, into } = merging;
    const found = await tx<Moved[]>`
      select conversation_id as cid, seq from bookmarks where user_id = ${from}
      order by conversation_id, seq limit ${PIECE} for update`;
    const moved = await tx<Moved[]>`
      update bookmarks b set user_id = ${into}
      from json_to_recordset(${JSON.stringify(found)}::text::json) as given (cid uuid, seq bigint)
      where b.user_id = ${from} and b.conversation_id = given.cid and b.seq = given.seq and not exists (
        select from bookmarks o where o.user_id = ${into} and o.conversation_id = given.cid and o.seq = given.seq
      )
      returning b.conversation_id as cid, b.seq`;
    await tx`
      delete from bookmarks b using json_to_recordset(${JSON.stringify(found)}::text::json) as given (cid uuid, seq bigint)
      where b.user_id = ${from} and b.conversation_id = given.cid and b.seq = given.seq`;
    const moves = moved.map(({ cid, seq }) => ({ key: `${cid} ${seq}`, before: null }));
    await noteMoves(tx, merging, PART, moves);
    return found.length > 0;
  },
  async moveBack(tx, merging) {
    const moves = await takeMoves(tx, merging, PART, PIECE);
    const moved = moves.map(({ key }) => key.split(' ')).map(([cid, seq]) => ({ cid, seq: Number(seq) }));
    await tx`
      update bookmarks b set user_id = ${merging.from}
      from json_to_recordset(${JSON.stringify(moved)}::text::json) as given (cid uuid, seq bigint)
      where b.user_id = ${merging.into} and b.conversation_id = given.cid and b.seq = given.seq`;
    return moves.length > 0;
  },
};
