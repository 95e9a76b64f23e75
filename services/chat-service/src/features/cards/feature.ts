/** Cards: what readers do with them, and what their owners answer (MSG-1, HOOK-2). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { actionsOfConversation, actionsOfUser } from './card-data.ts';
import { bindCards } from './cards-operations.ts';
import type { CardDeps } from './deps.ts';
import { purgeActions, purgeSchedule } from './purge-actions.job.ts';
import { timeOut } from './time-out.job.ts';

export interface Cards {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
}

export function createCards(deps: CardDeps): Cards {
  return {
    operations: bindCards(deps),
    jobs: [timeOut(deps), purgeActions],
    schedules: [purgeSchedule],
    userData: [actionsOfUser],
    conversationData: [actionsOfConversation],
  };
}
