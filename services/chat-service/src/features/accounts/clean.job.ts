/** Raw SQL: deletes in pieces, by what is in the tables of others. */
import type { Transaction } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';

const CLEAN_JOB = 'accounts.clean';
/** Rows of each kind in one run. */
const ROWS = 10_000;

export const cleaning: Schedule = { name: CLEAN_JOB, cron: '7 * * * *' };

/** Deletes what nobody can use any more: old tokens, challenges and sign-ins, and the accounts and passkeys of erased users. */
export const cleanJob: JobKind = { kind: CLEAN_JOB, run: (tx) => clean(tx) };

async function clean(tx: Transaction): Promise<void> {
  await tx`delete from account_tokens where hash in (
    select hash from account_tokens where expires_at < now() limit ${ROWS})`;
  await tx`delete from used_challenges where (tenant_id, hash) in (
    select tenant_id, hash from used_challenges where expires_at < now() limit ${ROWS})`;
  await tx`delete from sign_ins where id in (
    select id from sign_ins where expires_at < now() limit ${ROWS})`;
  await tx`delete from sign_ins where id in (
    select s.id from sign_ins s left join devices d
      on d.user_id = s.user_id and d.client_id = s.client_id and d.generation = s.generation
    where d.user_id is null limit ${ROWS})`;
  await tx`delete from passkeys where id in (
    select p.id from passkeys p join users u on u.id = p.user_id where u.status = 'deleted' limit ${ROWS})`;
  const erased = await tx<{ id: string }[]>`
    select a.user_id as id from accounts a join users u on u.id = a.user_id where u.status = 'deleted' limit ${ROWS}`;
  const ids = erased.map(({ id }) => id);
  await tx`delete from recovery_codes where user_id = any(${ids}::uuid[])`;
  await tx`delete from accounts where user_id = any(${ids}::uuid[])`;
}
