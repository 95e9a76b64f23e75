/** What messages say in other languages, by the tenant's own translator. */
import { translationOperations as operations } from '@messagecore/protocol/features';
import type { PostSigned } from '../../core/endpoints/endpoints.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { translateBy } from './ask-endpoint.ts';
import { purgeSchedule, purgeTranslations } from './purge-translations.job.ts';
import { createTranslation, type TranslationDeps } from './translate.ts';

export interface TranslationsDeps extends Omit<TranslationDeps, 'translate'> {
  readonly postSigned: PostSigned;
}

export interface Translations {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
}

export function createTranslations({ postSigned, ...deps }: TranslationsDeps): Translations {
  const translation = createTranslation({ ...deps, translate: translateBy(postSigned) });
  return {
    operations: [
      bindOperation(operations.translateMessage, (user, { cid, seq, to }) => translation(user, { cid, seq }, to)),
    ],
    jobs: [purgeTranslations],
    schedules: [purgeSchedule],
  };
}
