/** Raw SQL: a bounded number of rows. */
import type { Fragment, Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const NAME = 'purge invitations';
/** Rows of a table in one transaction. */
const PIECE = 1_000;

export const purgeSchedule: Schedule = { name: NAME, cron: '17 * * * *' };

/** Deletes what has expired, and what led to conversations that are deleted. Nobody was shown these any more. */
export const purgeExpired: JobKind = {
  kind: NAME,
  async run(tx) {
    const counts: number[] = [];
    for (const purge of PURGES) counts.push((await purge(tx)).count);
    if (counts.some((count) => count === PIECE)) await enqueue(tx, { kind: NAME, payload: {} });
  },
};

/** Of a row of the table called so: it has expired, or its conversation is deleted. */
const isOver = (tx: Transaction, row: string) => tx`
  (expires_at < now() or exists (
    select from conversations c where c.conversation_id = ${tx(row)}.conversation_id and c.deleted_at is not null
  ))`;

const PURGES: readonly ((tx: Transaction) => Fragment)[] = [
  (tx) => tx`
    delete from invitations where (conversation_id, user_id) in (
      select conversation_id, user_id from invitations i where ${isOver(tx, 'i')} limit ${PIECE}
    )`,
  (tx) => tx`
    delete from invitation_links where (conversation_id, id) in (
      select conversation_id, id from invitation_links l where ${isOver(tx, 'l')} limit ${PIECE}
    )`,
  (tx) => tx`
    delete from join_requests where (conversation_id, user_id) in (
      select conversation_id, user_id from join_requests r where ${isOver(tx, 'r')} limit ${PIECE}
    )`,
];
