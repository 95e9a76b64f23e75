/** Previews of the pages that messages link to (MSG-8). */
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { PreviewDeps } from './find-preview.ts';
import { linkPreviewConsumers } from './link-previews.consumer.ts';
import { makePreviews } from './make-previews.job.ts';
import type { SetPreviews } from './ports.ts';
import { purgeExpired, purgeSchedule } from './purge-expired.job.ts';

export interface LinkPreviewsDeps extends PreviewDeps {
  readonly background: Sql;
  readonly setPreviews: SetPreviews;
}

export interface LinkPreviews {
  readonly consumers: readonly ConsumerKind[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
}

export function createLinkPreviews(deps: LinkPreviewsDeps): LinkPreviews {
  return {
    consumers: linkPreviewConsumers(deps.background),
    jobs: [makePreviews(deps), purgeExpired],
    schedules: [purgeSchedule],
  };
}
