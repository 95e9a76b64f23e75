/** Scheduled messages: sent at a later time, in the name of whoever scheduled them (MSG-8). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { ScheduledDeps } from './deps.ts';
import { mergeScheduled } from './merge-scheduled.ts';
import { scheduledOfConversation, scheduledOfUser } from './scheduled-data.ts';
import { bindScheduled } from './scheduled-operations.ts';
import { sendScheduled } from './send-scheduled.job.ts';

export interface Scheduled {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
  readonly mergeParts: readonly MergePart[];
}

export function createScheduled(deps: ScheduledDeps): Scheduled {
  return {
    operations: bindScheduled(deps),
    jobs: [sendScheduled(deps)],
    userData: [scheduledOfUser],
    conversationData: scheduledOfConversation,
    mergeParts: [mergeScheduled],
  };
}
