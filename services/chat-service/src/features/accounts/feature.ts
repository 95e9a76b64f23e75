/** Accounts with a password, for tenants that have no back end (ACC-2). */
import { systemClock } from '@messagecore/kernel';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { Tokens } from '../../core/identity/tokens.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { Mailer } from '../../platform/mail/mailer.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { PasswordHashes } from '../../platform/passwords/password-hashes.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import { accountMailJob } from './account-mail.job.ts';
import { bindAccounts } from './accounts-operations.ts';
import { cleaning, cleanJob } from './clean.job.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { sealTotp } from './seal-totp.ts';

export interface AccountsDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly passwords: PasswordHashes;
  readonly limits: Limits;
  /** Undefined where no mails are sent. */
  readonly mailer: Mailer | undefined;
  /** A key of the service's own for one use. */
  readonly keyFor: (use: string) => Buffer;
}

export interface Accounts {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
}

export function createAccounts({ mailer, keyFor, ...deps }: AccountsDeps): Accounts {
  const refreshTokens = createRefreshTokens(keyFor('refresh tokens'));
  return {
    operations: bindAccounts({ ...deps, refreshTokens, hasMail: mailer !== undefined, clock: systemClock }),
    jobs: [cleanJob, ...(mailer === undefined ? [] : [accountMailJob(mailer)])],
    schedules: [cleaning],
  };
}

/** What is done after a change of the ring of keys. Returns how many secrets were encrypted anew. */
export function sealAccounts(sql: Sql, secrets: Secrets): Promise<number> {
  return sealTotp(sql, secrets);
}
