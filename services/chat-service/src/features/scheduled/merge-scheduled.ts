/**
 * Scheduled messages go over with a merge: the survivor sends them. One that was being sent is sent again, under the same
 * `mid`, and so stored once.
 *
 * Raw SQL: a row changes its user and its version in one statement.
 */
import type { MergePart } from '../../core/users/merge.saga.ts';
import { type Merging, noteMove, takeMove } from '../../core/users/moves.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueueSend, isOne, type Key, rowColumns, type ScheduledRow } from './scheduled-row.ts';

const PART = 'scheduled messages';

export const mergeScheduled: MergePart = {
  name: PART,
  async move(tx, merging) {
    const [next] = await tx<Key[]>`
      select conversation_id as cid, mid from scheduled_messages where user_id = ${merging.from} limit 1 for update`;
    if (next === undefined) return false;
    if (await give(tx, merging, next))
      await noteMove(tx, merging, PART, { key: `${next.cid} ${next.mid}`, before: {} });
    else await tx`delete from scheduled_messages s where ${isOne(tx, { ...merging, uid: merging.from }, next)}`;
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    const [cid = '', mid = ''] = move.key.split(' ');
    await give(tx, { ...merging, from: merging.into, into: merging.from }, { cid, mid });
    return true;
  },
};

/** False when the other user has one of the same `mid`. */
async function give(tx: Transaction, { tid, from, into }: Merging, key: Key): Promise<boolean> {
  const { cid, mid } = key;
  const [row] = await tx<ScheduledRow[]>`
    update scheduled_messages s
    set user_id = ${into}, version = version + 1, state = case state when 'failed' then 'failed' else 'waiting' end
    where ${isOne(tx, { tid, uid: from }, key)} and not exists (
      select from scheduled_messages o where o.conversation_id = ${cid} and o.user_id = ${into} and o.mid = ${mid}
    )
    returning ${rowColumns(tx)}`;
  if (row === undefined) return false;
  if (row.state !== 'failed') await enqueueSend(tx, tid, { cid, uid: into, mid, version: row.version }, row.at);
  return true;
}
