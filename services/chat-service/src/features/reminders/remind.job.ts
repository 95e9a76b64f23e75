/**
 * Reminds a user: marks the reminder as due and tells all sessions, in the transaction that ends the job, so once. Whether it
 * is time is asked of the database, where the job waited too.
 *
 * Raw SQL: a statement that compares versions where it writes.
 */
import { emit } from '../../core/outbox/emit.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Job } from '../../platform/jobs/job-store.ts';
import {
  changedEvent,
  enqueueReminder,
  REMIND,
  type ReminderDeps,
  type RemindPayload,
  reminderOf,
  type ReminderRow,
  rowColumns,
} from './reminder-row.ts';

export function remind({ publishEvents }: Pick<ReminderDeps, 'publishEvents'>): JobKind {
  return {
    kind: REMIND,
    async run(tx, job) {
      const { tid } = job;
      const { uid } = job.payload as RemindPayload;
      const due = await markDue(tx, job);
      if (due === undefined) return waitOn(tx, job);
      const events = await emit(tx, [changedEvent({ tid, uid }, reminderOf(due))]);
      return () => publishEvents(events);
    },
  };
}

async function markDue(tx: Transaction, { tid, payload }: Job): Promise<ReminderRow | undefined> {
  const { uid, reminderId, version } = payload as RemindPayload;
  const [due] = await tx<ReminderRow[]>`
    update reminders r set is_due = true
    where r.user_id = ${uid} and r.reminder_id = ${reminderId} and r.tenant_id = ${tid} and r.version = ${version}
      and not r.is_due and r.remind_at <= now()
    returning ${rowColumns(tx)}`;
  return due;
}

/** It is removed or changed, or the database's clock was set back since the job was taken. */
async function waitOn(tx: Transaction, { tid, payload }: Job): Promise<void> {
  const { uid, reminderId, version } = payload as RemindPayload;
  const [early] = await tx<ReminderRow[]>`
    select ${rowColumns(tx)} from reminders r
    where r.user_id = ${uid} and r.reminder_id = ${reminderId} and r.version = ${version} and r.remind_at > now()`;
  if (early !== undefined) await enqueueReminder(tx, tid, { uid, reminderId, version }, early.at);
}
