/** Raw SQL: a bounded number of rows. */
import type { Transaction } from '../../platform/database/connect.ts';
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
    const counts = [await purgeInvitations(tx), await purgeLinks(tx), await purgeRequests(tx)];
    if (counts.some((count) => count === PIECE)) await enqueue(tx, { kind: NAME, payload: {} });
  },
};

async function purgeInvitations(tx: Transaction): Promise<number> {
  const { count } = await tx`
    delete from invitations where (conversation_id, user_id) in (
      select conversation_id, user_id from invitations i where expires_at < now() or exists (
        select from conversations c where c.conversation_id = i.conversation_id and c.deleted_at is not null
      ) limit ${PIECE}
    )`;
  return count;
}

async function purgeLinks(tx: Transaction): Promise<number> {
  const { count } = await tx`
    delete from invitation_links where (conversation_id, id) in (
      select conversation_id, id from invitation_links l where expires_at < now() or exists (
        select from conversations c where c.conversation_id = l.conversation_id and c.deleted_at is not null
      ) limit ${PIECE}
    )`;
  return count;
}

async function purgeRequests(tx: Transaction): Promise<number> {
  const { count } = await tx`
    delete from join_requests where (conversation_id, user_id) in (
      select conversation_id, user_id from join_requests r where expires_at < now() or exists (
        select from conversations c where c.conversation_id = r.conversation_id and c.deleted_at is not null
      ) limit ${PIECE}
    )`;
  return count;
}
