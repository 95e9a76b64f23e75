/** Cards: what readers do with them, and what their owners answer (MSG-1, HOOK-2). */
import type { LoopOptions } from '@messagecore/runtime';
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { actionsOfConversation, actionsOfUser } from './card-data.ts';
import { callBack } from './call-back.job.ts';
import { type CallBackDeps, createCallBacks } from './call-back.ts';
import { bindCards } from './cards-operations.ts';
import { purgeActions, purgeSchedule } from './purge-actions.job.ts';
import { timeOut } from './time-out.job.ts';

export interface Cards {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
  readonly loops: readonly LoopOptions[];
  readonly settle: () => Promise<void>;
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
}

export function createCards(deps: CallBackDeps): Cards {
  const callBacks = createCallBacks(deps);
  return {
    operations: bindCards({ ...deps, callBacks }),
    jobs: [timeOut(deps), callBack(callBacks), purgeActions],
    loops: [callBacks.holding],
    settle: callBacks.settle,
    schedules: [purgeSchedule],
    userData: [actionsOfUser],
    conversationData: [actionsOfConversation],
  };
}
