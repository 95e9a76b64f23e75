import { ChatError } from '@messagecore/protocol';
import type { ChangePassword, ForgotPassword, ResetPassword, SignedIn } from '@messagecore/protocol/features';
import { commitWithEvents, type Emit } from '../../core/outbox/emit.ts';
import { endAllDevices } from '../../core/users/revoke-device.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { Oneself } from '../../platform/operations/types.ts';
import { findTenant } from './account-tenant.ts';
import { askForMail, checkMayMail } from './ask-for-mail.ts';
import { attempt } from './attempt.ts';
import { beginSignIn } from './begin-sign-in.ts';
import { checkPassword, hasPassword, hasPasswordStill } from './check-password.ts';
import type { AccountDeps } from './deps.ts';
import { type Account, findAccount } from './find-account.ts';
import { readToken, useToken } from './mail-tokens.ts';
import { checkNewPassword } from './rules.ts';
import { ownAccount, triedBy } from './second-factor.ts';
import { accounts } from './tables.ts';

/** Has a mail sent, whether the address has an account or not. Throws `forbidden` where no mails are sent. */
export async function forgotPassword(deps: AccountDeps, { tenant: ref, email, locale }: ForgotPassword): Promise<void> {
  const { tid } = await findTenant(deps.sql, ref);
  await checkMayMail(deps, tid, email);
  await askForMail(deps.sql, tid, { about: 'forgotten', email, locale });
}

/** Sets a password with what the mail said. The second factor stays. Throws `unauthorized`, `bad_request`. */
export async function resetPassword(
  deps: AccountDeps,
  { token, password }: ResetPassword,
  address: string,
): Promise<void> {
  const { tid, email } = await readToken(deps.sql, ['reset'], token);
  await findTenant(deps.sql, tid);
  checkNewPassword(password, email);
  const passwordHash = await deps.passwords.hash(tid, password);
  await commitWithEvents(deps.sql, deps.publishEvents, async (tx, emit) => {
    await useToken(tx, ['reset'], token);
    const account = await findAccount(tx, tid, { email });
    if (account === undefined) throw new ChatError('unauthorized', 'the account is gone');
    await setPassword(deps, tx, emit, account, { passwordHash, address, action: 'reset_password' });
  });
}

/** Changes one's password, and signs in again on the device that asks. Throws `unauthorized`, `bad_request`. */
export async function changePassword(
  deps: AccountDeps,
  self: Oneself,
  { password, newPassword }: ChangePassword,
): Promise<SignedIn> {
  const { tid, uid, clientId, address } = self;
  const account = await ownAccount(deps, self);
  checkNewPassword(newPassword, account.email, 'newPassword');
  await attempt(deps, triedBy(account, self), () => checkPassword(deps, tid, self, password));
  const passwordHash = await deps.passwords.hash(tid, newPassword);
  await commitWithEvents(deps.sql, deps.publishEvents, (tx, emit) =>
    setPassword(deps, tx, emit, account, { passwordHash, address, action: 'change_password' }),
  );
  const isHeld = hasPassword({ tid, uid, passwordHash });
  return beginSignIn(deps, await findTenant(deps.sql, tid), { uid, clientId, address }, isHeld);
}

/** Whoever knew the old password is out: every token and session of the user ends. */
async function setPassword(
  { hasMail }: AccountDeps,
  tx: Transaction,
  emit: Emit,
  account: Account,
  change: { readonly passwordHash: string; readonly address: string; readonly action: string },
): Promise<void> {
  const { tid, uid, email, locale } = account;
  const { passwordHash, address, action } = change;
  const { count } = await db(tx)
    .update(accounts)
    .set({ passwordHash, updatedAt: now() })
    .where(hasPasswordStill(account));
  if (count === 0) throw new ChatError('conflict', 'the password was changed meanwhile');
  await endAllDevices(tx, emit, { tid, uid });
  if (hasMail) await askForMail(tx, tid, { about: 'password_changed', email, locale });
  await appendAudit(tx, tid, { action, actor: `user:${uid}`, address, target: `user:${uid}` });
}
