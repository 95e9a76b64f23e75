/** Raw SQL: a bounded number of rows, found by the index of expiries. */
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const NAME = 'purge link previews';
/** Rows in one transaction. */
const PIECE = 1_000;

export const purgeSchedule: Schedule = { name: NAME, cron: '27 * * * *' };

/** Deletes what is not shown any more. */
export const purgeExpired: JobKind = {
  kind: NAME,
  async run(tx) {
    const { count } = await tx`
      delete from link_previews where (tenant_id, url_hash) in (
        select tenant_id, url_hash from link_previews where expires_at < now() limit ${PIECE} for update skip locked
      )`;
    if (count === PIECE) await enqueue(tx, { kind: NAME, payload: {} });
  },
};
