/** The second factor of an account: codes of an authenticator app, and recovery codes in their place. */
import { ChatError } from '@messagecore/protocol';
import type { StopTotp } from '@messagecore/protocol/features';
import { and, eq, isNotNull, lt } from '../../platform/database/drizzle.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { Oneself } from '../../platform/operations/types.ts';
import { attempt, type Tried } from './attempt.ts';
import { checkPassword } from './check-password.ts';
import type { AccountDeps } from './deps.ts';
import { type Account, findAccount } from './find-account.ts';
import { codeRefused, hashOfRecoveryCode, newRecoveryCodes } from './rules.ts';
import { accounts, recoveryCodes } from './tables.ts';
import { newTotp, stepOf } from './totp.ts';

type Owned = Pick<Account, 'tid' | 'uid' | 'totpSealed'>;

const isOf = ({ tid, uid }: Pick<Owned, 'tid' | 'uid'>) => and(eq(accounts.tenantId, tid), eq(accounts.userId, uid));
/** Where the secret of a second factor is kept. */
const placeOfTotp = ({ tid, uid }: Pick<Owned, 'tid' | 'uid'>) => ({ tid, column: 'accounts.totp', row: uid }) as const;

/** The account of who asks. Throws `not_found` for a user who has none. */
export async function ownAccount({ sql }: Pick<AccountDeps, 'sql'>, { tid, uid }: Oneself): Promise<Account> {
  const account = await findAccount(sql, tid, { uid });
  if (account === undefined) throw new ChatError('not_found', 'the user has no account with a password');
  return account;
}

/** Whoever gives a secret of the own account. */
export const triedBy = ({ tid, email }: Account, { address }: Oneself): Tried => ({ tid, account: email, address });

/** A new secret, which counts from its first code on. Throws `conflict` when a second factor is on. */
export async function startTotp(
  deps: AccountDeps,
  self: Oneself,
  { password, issuer }: { readonly password: string; readonly issuer: string },
) {
  const account = await ownAccount(deps, self);
  if (account.totpConfirmed) throw new ChatError('conflict', 'the second factor is on already');
  await attempt(deps, triedBy(account, self), () => checkPassword(deps, self.tid, self, password));
  const totp = newTotp(issuer, account.email);
  const totpSealed = deps.secrets.seal(totp.secret, placeOfTotp(account));
  await db(deps.sql)
    .update(accounts)
    .set({ totpSealed, totpStep: 0, updatedAt: now() })
    .where(and(isOf(account), eq(accounts.totpConfirmed, false)));
  return totp;
}

/** Turns the second factor on. Throws `conflict` when none was begun, `unauthorized` for a wrong code. */
export async function confirmTotp(deps: AccountDeps, self: Oneself, code: string): Promise<string[]> {
  const account = await ownAccount(deps, self);
  const { tid, uid, totpSealed } = account;
  if (account.totpConfirmed || totpSealed === null) throw new ChatError('conflict', 'no second factor was begun');
  const totpStep = await attempt(deps, triedBy(account, self), async () => {
    const step = stepOf(deps.secrets.open(totpSealed, placeOfTotp(account)), code, deps.clock.now());
    if (step === undefined) throw codeRefused('is wrong, or was used');
    return step;
  });
  const codes = newRecoveryCodes();
  await deps.sql.begin(async (tx) => {
    const { count } = await db(tx)
      .update(accounts)
      .set({ totpConfirmed: true, totpStep, updatedAt: now() })
      .where(and(isOf(account), eq(accounts.totpSealed, totpSealed), eq(accounts.totpConfirmed, false)));
    if (count === 0) throw new ChatError('conflict', 'another second factor was begun');
    await deleteCodes(tx, account);
    await db(tx)
      .insert(recoveryCodes)
      .values(codes.map((each) => ({ tenantId: tid, userId: uid, hash: hashOfRecoveryCode(each) })));
    await audit(tx, self, 'start_totp');
  });
  return codes;
}

/** Turns the second factor off. Throws `conflict` when it is off, `unauthorized` for a wrong password or code. */
export async function stopTotp(deps: AccountDeps, self: Oneself, { password, code }: StopTotp): Promise<void> {
  const account = await ownAccount(deps, self);
  if (!account.totpConfirmed) throw new ChatError('conflict', 'the second factor is off');
  await attempt(deps, triedBy(account, self), async () => {
    await checkPassword(deps, self.tid, self, password);
    await takeCode(deps, account, code, self.address);
  });
  await deps.sql.begin(async (tx) => {
    await db(tx)
      .update(accounts)
      .set({ totpSealed: null, totpConfirmed: false, totpStep: 0, updatedAt: now() })
      .where(isOf(account));
    await deleteCodes(tx, account);
    await audit(tx, self, 'stop_totp');
  });
}

/** Uses a code up: each one counts once, even when it is given twice at the same time. Throws `unauthorized`. */
export async function takeCode(deps: AccountDeps, account: Owned, code: string, address: string): Promise<void> {
  const isTaken = /^\d{6}$/.test(code)
    ? await takeTotp(deps, account, code)
    : await takeRecoveryCode(deps, account, code, address);
  if (!isTaken) throw codeRefused('is wrong, or was used');
}

async function takeTotp({ sql, secrets, clock }: AccountDeps, account: Owned, code: string): Promise<boolean> {
  const { totpSealed } = account;
  if (totpSealed === null) return false;
  const step = stepOf(secrets.open(totpSealed, placeOfTotp(account)), code, clock.now());
  if (step === undefined) return false;
  const { count } = await db(sql)
    .update(accounts)
    .set({ totpStep: step })
    .where(and(isOf(account), lt(accounts.totpStep, step), isNotNull(accounts.totpSealed)));
  return count === 1;
}

function takeRecoveryCode({ sql }: AccountDeps, account: Owned, code: string, address: string): Promise<boolean> {
  const { tid, uid } = account;
  return sql.begin(async (tx) => {
    const { count } = await db(tx)
      .delete(recoveryCodes)
      .where(and(isCodeOf(account), eq(recoveryCodes.hash, hashOfRecoveryCode(code))));
    if (count === 1) await audit(tx, { tid, uid, address }, 'use_recovery_code');
    return count === 1;
  });
}

const isCodeOf = ({ tid, uid }: Pick<Owned, 'tid' | 'uid'>) =>
  and(eq(recoveryCodes.tenantId, tid), eq(recoveryCodes.userId, uid));

const deleteCodes = (tx: Transaction, account: Owned) => db(tx).delete(recoveryCodes).where(isCodeOf(account));

function audit(
  tx: Transaction,
  { tid, uid, address }: Pick<Oneself, 'tid' | 'uid' | 'address'>,
  action: 'start_totp' | 'stop_totp' | 'use_recovery_code',
): Promise<void> {
  return appendAudit(tx, tid, { action, actor: `user:${uid}`, address, target: `user:${uid}` });
}
