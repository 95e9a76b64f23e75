/** Invitations, links and requests to join (CONV-4). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { OnAdded } from '../../core/conversations/conversation-transaction.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { waysTo } from './conversation-data.ts';
import type { InvitationsDeps } from './deps.ts';
import { bindInvitations } from './invitation-operations.ts';
import { bindJoinRequests } from './join-request-operations.ts';
import { bindLinks } from './link-operations.ts';
import { mergeWays } from './merge-ways.ts';
import { purgeExpired, purgeSchedule } from './purge-expired.job.ts';
import { settleOpen } from './settle-open.ts';
import { waysIn } from './user-data.ts';

export interface Invitations {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
  readonly mergeParts: readonly MergePart[];
  readonly onAdded: OnAdded;
}

export function createInvitations(deps: InvitationsDeps): Invitations {
  return {
    operations: [...bindInvitations(deps), ...bindLinks(deps), ...bindJoinRequests(deps)],
    jobs: [purgeExpired],
    schedules: [purgeSchedule],
    userData: waysIn,
    conversationData: waysTo,
    mergeParts: mergeWays,
    onAdded: settleOpen,
  };
}
