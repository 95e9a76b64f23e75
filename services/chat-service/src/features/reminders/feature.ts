/** Reminders: of a message or a note, at a later time (MSG-8). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { mergeReminders } from './merge-reminders.ts';
import { remind } from './remind.job.ts';
import { remindersOfConversation, remindersOfUser } from './reminder-data.ts';
import { bindReminders } from './reminder-operations.ts';
import type { ReminderDeps } from './reminder-row.ts';

export interface Reminders {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
  readonly mergeParts: readonly MergePart[];
}

export function createReminders(deps: ReminderDeps): Reminders {
  return {
    operations: bindReminders(deps),
    jobs: [remind(deps)],
    userData: [remindersOfUser],
    conversationData: remindersOfConversation,
    mergeParts: [mergeReminders],
  };
}
