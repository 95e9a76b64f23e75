/** Raw SQL: a bounded number of rows, found by the index of their time. */
import { LIMITS } from '@messagecore/protocol';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const NAME = 'purge translations';
const PIECE = 2_000;

export const purgeSchedule: Schedule = { name: NAME, cron: '47 * * * *' };

/** Deletes those that were made long ago. */
export const purgeTranslations: JobKind = {
  kind: NAME,
  async run(tx) {
    const { count } = await tx`
      delete from message_translations where ctid = any(array(
        select ctid from message_translations where created_at < now() - ${LIMITS.translationDays} * interval '1 day'
        limit ${PIECE} for update skip locked
      ))`;
    if (count === PIECE) await enqueue(tx, { kind: NAME, payload: {} });
  },
};
