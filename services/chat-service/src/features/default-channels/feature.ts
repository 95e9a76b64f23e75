/** Default channels of a tenant (CONV-4). */
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { addNewcomer } from './add-newcomer.job.ts';
import { addPresent } from './add-present.job.ts';
import { bindDefaultChannels } from './default-channel-operations.ts';
import type { DefaultChannelsDeps } from './deps.ts';

export interface DefaultChannels {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
}

export function createDefaultChannels(deps: DefaultChannelsDeps): DefaultChannels {
  return { operations: bindDefaultChannels(deps.sql), jobs: [addPresent(deps), addNewcomer(deps)] };
}
