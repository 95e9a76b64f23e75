import { reminderOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';
import { removeReminder, updateReminder } from './change-reminder.ts';
import { createReminder } from './create-reminder.ts';
import { listReminders } from './list-reminders.ts';
import type { ReminderDeps } from './reminder-row.ts';

export function bindReminders(deps: ReminderDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.createReminder, (user, reminder) => createReminder(deps, user, reminder)),
    bindOperation(operations.updateReminder, (user, change) => updateReminder(deps, user, change)),
    bindOperation(operations.removeReminder, (user, { reminderId }) => removeReminder(deps, user, reminderId)),
    bindOperation(
      operations.listReminders,
      async (user, page) => new ReadyJson(await listReminders(deps.sql, user, page)),
    ),
  ];
}
