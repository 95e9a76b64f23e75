/** Default channels of a tenant (CONV-4). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { OnUserChange } from '../../core/users/extensions.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { addNewcomer, enqueueNewcomer } from './add-newcomer.job.ts';
import { addPresent } from './add-present.job.ts';
import { bindDefaultChannels } from './default-channel-operations.ts';
import type { DefaultChannelsDeps } from './deps.ts';
import { defaultChannelData } from './conversation-data.ts';

export interface DefaultChannels {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly onUserChange: OnUserChange;
  readonly conversationData: readonly ConversationData[];
}

export function createDefaultChannels(deps: DefaultChannelsDeps): DefaultChannels {
  return {
    operations: bindDefaultChannels(deps.sql),
    jobs: [addPresent(deps), addNewcomer(deps)],
    onUserChange: enqueueNewcomer,
    conversationData: [defaultChannelData],
  };
}
