/** Raw SQL: a bounded number of rows, found by the index of their time. */
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const NAME = 'purge card actions';
const PIECE = 2_000;

export const purgeSchedule: Schedule = { name: NAME, cron: '41 * * * *' };

/** Deletes those that are older than a day. */
export const purgeActions: JobKind = {
  kind: NAME,
  async run(tx) {
    const { count } = await tx`
      delete from card_actions where (conversation_id, action_id) in (
        select conversation_id, action_id from card_actions where created_at < now() - interval '1 day'
        limit ${PIECE} for update skip locked
      )`;
    if (count === PIECE) await enqueue(tx, { kind: NAME, payload: {} });
  },
};
