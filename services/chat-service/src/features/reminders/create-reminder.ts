/** Raw SQL: a moment is given in milliseconds, and compared as it is stored. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { CreateReminder, ReminderState } from '@messagecore/protocol/features';
import type { Actor } from '../../core/identity/caller.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { checkAhead } from '../../platform/database/check-ahead.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import {
  changedEvent,
  enqueueReminder,
  lockRow,
  type ReminderDeps,
  reminderOf,
  type ReminderRow,
  type User,
} from './reminder-row.ts';

export interface Created {
  readonly created: boolean;
  readonly data: ReminderState;
}

/**
 * Keeps a reminder, and tells the user's other sessions; a repeat is answered with what is there. Throws `not_found` and
 * `not_member` for a message that the user may not see, `bad_request` for a time that is not ahead, `conflict` for an id that
 * another one has, and `too_large` for one more than may be.
 */
export function createReminder(
  { sql, publishEvents }: ReminderDeps,
  user: User,
  { reminderId, at, ...about }: CreateReminder,
): Promise<Created> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const { cid = null, seq = null, note = null } = about;
    if (cid !== null && seq !== null) await checkVisible(tx, user, cid, seq);
    const wanted: ReminderRow = { reminderId, at, cid, seq, note, state: 'waiting', version: 1 };
    const there = await lockRow(tx, user, reminderId);
    if (there !== undefined) return { created: false, data: repeated(there, wanted) };
    await checkAhead(tx, at, LIMITS.aheadDays);
    await checkCount(tx, user.uid);
    await insert(tx, user, wanted);
    await enqueueReminder(tx, user.tid, { uid: user.uid, reminderId, version: wanted.version }, at);
    const data = reminderOf(wanted);
    await emit(changedEvent(user, data));
    return { created: true, data };
  });
}

function repeated(there: ReminderRow, wanted: ReminderRow): ReminderState {
  const isSame = (['cid', 'seq', 'note', 'at'] as const).every((name) => there[name] === wanted[name]);
  if (isSame) return reminderOf(there);
  throw new ChatError('conflict', 'another reminder has this id');
}

/** Several at the same time may go a little beyond. */
async function checkCount(tx: Transaction, uid: string): Promise<void> {
  const [row] = await tx<{ count: number }[]>`select count(*)::int as count from reminders where user_id = ${uid}`;
  if ((row?.count ?? 0) < LIMITS.remindersPerUser) return;
  throw new ChatError('too_large', `more than ${LIMITS.remindersPerUser} reminders`);
}

/** Of two at the same time the second waits for the first, and is then to be asked again. */
async function insert(tx: Transaction, { tid, uid }: Actor, row: ReminderRow): Promise<void> {
  const { reminderId, at, cid, seq, note, version } = row;
  const { count } = await tx`
    insert into reminders (user_id, reminder_id, tenant_id, conversation_id, seq, note, remind_at, version)
    values (${uid}, ${reminderId}, ${tid}, ${cid}, ${seq}, ${note}, to_timestamp(${at}::float8 / 1000), ${version})
    on conflict do nothing`;
  if (count === 0) throw new ChatError('unavailable', 'the same is being created');
}
