/** Raw SQL: a bounded number of rows, found by the index of expiries; those that somebody else holds wait for the next run. */
import type { Fragment, Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const NAME = 'purge invitations';
/** Rows of a table in one transaction. */
const PIECE = 1_000;

export const purgeSchedule: Schedule = { name: NAME, cron: '17 * * * *' };

/** Deletes what has expired. Nobody was shown it any more. */
export const purgeExpired: JobKind = {
  kind: NAME,
  async run(tx) {
    const counts: number[] = [];
    for (const purge of PURGES) counts.push((await purge(tx)).count);
    if (counts.some((count) => count === PIECE)) await enqueue(tx, { kind: NAME, payload: {} });
  },
};

export const PURGES: readonly ((tx: Transaction) => Fragment)[] = [
  (tx) => tx`
    delete from invitations where (conversation_id, user_id) in (
      select conversation_id, user_id from invitations where expires_at < now() limit ${PIECE} for update skip locked
    )`,
  (tx) => tx`
    delete from invitation_links where (conversation_id, id) in (
      select conversation_id, id from invitation_links where expires_at < now() limit ${PIECE} for update skip locked
    )`,
  (tx) => tx`
    delete from join_requests where (conversation_id, user_id) in (
      select conversation_id, user_id from join_requests where expires_at < now() limit ${PIECE} for update skip locked
    )`,
];
