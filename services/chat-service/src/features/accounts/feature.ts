/** Accounts with a password, for tenants that have no back end (ACC-2). */
import { systemClock } from '@messagecore/kernel';
import type { Logger } from '@messagecore/runtime';
import type { SealedSecrets } from '../../core/identity/sealed-secrets.ts';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { Tokens } from '../../core/identity/tokens.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { Mailer } from '../../platform/mail/mailer.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { PasswordHashes } from '../../platform/passwords/password-hashes.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import { accountData } from './account-data.ts';
import { accountMailJob } from './account-mail.job.ts';
import { bindAccounts } from './accounts-operations.ts';
import { attempt, type Tried } from './attempt.ts';
import { beginSignIn, type CheckSignIn, type SigningIn } from './begin-sign-in.ts';
import type { AccountDeps } from './deps.ts';
import { findAccount } from './find-account.ts';
import { findTenant } from './account-tenant.ts';
import { cleaning, cleanJob } from './clean.job.ts';
import { endSignInsBy } from './end-sign-ins.ts';
import { createMailTokens } from './mail-tokens.ts';
import { createPasskeyChallenges } from './passkey-challenges.ts';
import { bindPasskeys } from './passkey-operations.ts';
import { passkeySite } from './passkey-site.ts';
import type { AccountPorts } from './ports.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { accountNames } from './rules.ts';
import { sendMailJob } from './send-mail.job.ts';
import { totpSecrets } from './totp-secrets.ts';

export interface AccountsDeps extends AccountPorts {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly createUser: CreateUser;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly passwords: PasswordHashes;
  readonly limits: Limits;
  /** Undefined where no mails are sent. */
  readonly mailer: Mailer | undefined;
  /** Page of the client, of whose site passkeys are; there are none when undefined. */
  readonly appUrl: string | undefined;
  /** A key of the service's own for one use. */
  readonly keyFor: (use: string) => Buffer;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Accounts {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
  readonly userData: readonly UserData[];
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { mailer, log } = deps;
  const mailTokens = createMailTokens(deps.keyFor('mail tokens'));
  const mailJobs = mailer === undefined ? [] : [accountMailJob(mailTokens, log), sendMailJob(mailer, mailTokens, log)];
  const inner = accountDeps(deps);
  return {
    operations: [...bindAccounts(inner), ...bindPasskeys(inner)],
    jobs: [cleanJob, ...mailJobs],
    schedules: [cleaning],
    userData: [accountData],
  };
}

function accountDeps({ mailer, appUrl, keyFor, ...deps }: AccountsDeps): AccountDeps {
  const refreshTokens = createRefreshTokens(keyFor('refresh tokens'));
  const nameInLog = accountNames(keyFor('accounts in audit logs'));
  const challenges = createPasskeyChallenges(keyFor('passkey challenges'));
  return {
    ...{ ...deps, refreshTokens, nameInLog, challenges, site: passkeySite(appUrl) },
    ...{ hasMail: mailer !== undefined, clock: systemClock },
  };
}

/** What other ways to sign in need of accounts: tokens and their end, users by address, and a bound on failures. */
export function accountPorts(given: AccountsDeps) {
  const deps = accountDeps(given);
  return {
    signIn: async ({ tid, ...who }: SigningIn & { readonly tid: string }, check: CheckSignIn) =>
      beginSignIn(deps, await findTenant(deps.sql, tid), who, check),
    userOfVerifiedEmail: async (tx: Transaction, tid: string, email: string) =>
      (await findAccount(tx, tid, { email: email.toLowerCase() }))?.uid,
    attempt: <T>(tried: Tried, work: () => Promise<T>) => attempt(deps, tried, work),
    endSignInsBy,
  };
}

/** What is encrypted with the ring of keys. */
export const accountSecrets: readonly SealedSecrets[] = [totpSecrets];
