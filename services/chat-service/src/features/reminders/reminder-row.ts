/**
 * A row of `reminders` as it is read and told.
 *
 * Raw SQL: columns that statements of several files have in common.
 */
import type { ReminderState } from '@messagecore/protocol/features';
import type { Actor } from '../../core/identity/caller.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { cancel, enqueue } from '../../platform/jobs/enqueue.ts';

export interface ReminderDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

/** Who asks, and by which session. */
export type User = Actor & { readonly sid?: string | undefined };

export const REMIND = 'remind';

export interface ReminderRow extends Omit<ReminderState, 'state'> {
  readonly state: 'waiting' | 'due';
  readonly version: number;
}

/** What a job is about: one version of one reminder. */
export interface RemindPayload {
  readonly uid: string;
  readonly reminderId: string;
  readonly version: number;
}

/** Columns of a `ReminderRow`, from `reminders r`. */
export const rowColumns = (sql: Sql | Transaction): Fragment => sql`
  r.reminder_id as "reminderId", round(extract(epoch from r.remind_at) * 1000)::float8 as at, r.conversation_id as cid, r.seq,
  r.note, case when r.is_due then 'due' else 'waiting' end as state, r.version`;

export function reminderOf({ version: _, ...reminder }: ReminderRow): ReminderState {
  return reminder;
}

/** For the user's sessions; the one that caused the change does not get it. */
export const changedEvent = (user: Pick<User, 'tid' | 'uid' | 'sid'>, data: ReminderState) =>
  userFrame(user, { t: 'event', event: 'reminders.changed', data });

/** The row, locked; undefined when it is not there. */
export async function lockRow(tx: Transaction, { tid, uid }: Actor, id: string): Promise<ReminderRow | undefined> {
  const [row] = await tx<ReminderRow[]>`
    select ${rowColumns(tx)} from reminders r
    where r.user_id = ${uid} and r.reminder_id = ${id} and r.tenant_id = ${tid} for update`;
  return row;
}

const keyOf = ({ uid, reminderId, version }: RemindPayload) => `${uid} ${reminderId} ${version}`;

/** Has the user reminded at the time of this version. */
export const enqueueReminder = (tx: Transaction, tid: string, payload: RemindPayload, runAt: number) =>
  enqueue(tx, { kind: REMIND, tid, payload, key: keyOf(payload), runAt });

export const cancelReminder = (tx: Transaction, payload: RemindPayload) =>
  cancel(tx, { kind: REMIND, key: keyOf(payload) });
