/** Raw SQL: a moment is given in milliseconds. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ReminderState, UpdateReminder } from '@messagecore/protocol/features';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { checkAhead } from '../../platform/database/check-ahead.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import {
  cancelReminder,
  changedEvent,
  enqueueReminder,
  lockRow,
  type ReminderDeps,
  reminderOf,
  type ReminderRow,
  type User,
} from './reminder-row.ts';

/**
 * Changes the note or the time; one that is due waits again when it has a new time. Throws `not_found`, and `bad_request` for a
 * time that is not ahead and where neither a message nor a note would be left.
 */
export function updateReminder(
  { sql, publishEvents }: ReminderDeps,
  user: User,
  { reminderId, at, note }: UpdateReminder & { readonly reminderId: string },
): Promise<ReminderState> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const row = await lockThere(tx, user, reminderId);
    if (note === null && row.cid === null) throw new ChatError('bad_request', 'a message or a note is needed');
    if (at !== undefined) await checkAhead(tx, at, LIMITS.aheadDays);
    const moved = at === undefined ? row : { ...row, at, state: 'waiting' as const, version: row.version + 1 };
    const changed: ReminderRow = { ...moved, note: note === undefined ? row.note : note };
    await tx`
      update reminders
      set note = ${changed.note}, remind_at = to_timestamp(${changed.at}::float8 / 1000), is_due = ${changed.state === 'due'},
        version = ${changed.version}
      where user_id = ${user.uid} and reminder_id = ${reminderId}`;
    if (changed.version !== row.version) {
      await cancelReminder(tx, { uid: user.uid, reminderId, version: row.version });
      await enqueueReminder(tx, user.tid, { uid: user.uid, reminderId, version: changed.version }, changed.at);
    }
    const data = reminderOf(changed);
    await emit(changedEvent(user, data));
    return data;
  });
}

/** Done, or not wanted any more. Throws `not_found`. */
export function removeReminder({ sql, publishEvents }: ReminderDeps, user: User, reminderId: string): Promise<void> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const row = await lockThere(tx, user, reminderId);
    await tx`delete from reminders where user_id = ${user.uid} and reminder_id = ${reminderId}`;
    await cancelReminder(tx, { uid: user.uid, reminderId, version: row.version });
    await emit(changedEvent(user, { ...reminderOf(row), state: 'removed' }));
  });
}

async function lockThere(tx: Transaction, user: User, reminderId: string): Promise<ReminderRow> {
  const row = await lockRow(tx, user, reminderId);
  if (row === undefined) throw new ChatError('not_found', 'no such reminder');
  return row;
}
