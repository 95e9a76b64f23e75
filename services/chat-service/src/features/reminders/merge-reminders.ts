/**
 * Reminders go over with a merge: the survivor is reminded, also of what fell due before or meanwhile.
 *
 * Raw SQL: a row changes its user and its version in one statement.
 */
import type { MergePart } from '../../core/users/merge.saga.ts';
import { type Merging, noteMove, takeMove } from '../../core/users/moves.ts';
import { emit } from '../../core/outbox/emit.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { changedEvent, enqueueReminder, reminderOf, type ReminderRow, rowColumns } from './reminder-row.ts';

const PART = 'reminders';

export const mergeReminders: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from } = merging;
    const [next] = await tx<{ id: string }[]>`
      select reminder_id as id from reminders where user_id = ${from} limit 1 for update`;
    if (next === undefined) return false;
    if (await give(tx, merging, next.id)) await noteMove(tx, merging, PART, { key: next.id, before: {} });
    else await tx`delete from reminders where user_id = ${from} and reminder_id = ${next.id}`;
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    await give(tx, { ...merging, from: merging.into, into: merging.from }, move.key);
    return true;
  },
};

/** False when the other user has one of the same id. */
async function give(tx: Transaction, { tid, from, into }: Merging, id: string): Promise<boolean> {
  const [row] = await tx<ReminderRow[]>`
    update reminders r set user_id = ${into}, version = version + 1
    where user_id = ${from} and reminder_id = ${id}
      and not exists (select from reminders o where o.user_id = ${into} and o.reminder_id = ${id})
    returning ${rowColumns(tx)}`;
  if (row === undefined) return false;
  const { reminderId, version, at } = row;
  if (row.state === 'waiting') await enqueueReminder(tx, tid, { uid: into, reminderId, version }, at);
  else await emit(tx, [changedEvent({ tid, uid: into }, reminderOf(row))]);
  return true;
}
