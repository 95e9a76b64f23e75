import { and, eq, sql as part } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { saltOf } from '../../platform/passwords/phc.ts';
import type { AccountDeps } from './deps.ts';
import { type Account, findAccount } from './find-account.ts';
import { wrongCredentials } from './rules.ts';
import { accounts } from './tables.ts';

/** The account whose password this is. Takes as long without one. Throws `unauthorized`. */
export async function checkPassword(
  { sql, passwords }: AccountDeps,
  tid: string,
  by: { readonly email: string } | { readonly uid: string },
  password: string,
): Promise<Account> {
  const account = await findAccount(sql, tid, by);
  const isRight = await passwords.verify(tid, password, account?.passwordHash);
  if (account === undefined || !isRight) throw wrongCredentials();
  return account;
}

/**
 * For `beginSignIn`: throws `unauthorized` when the password that was checked is not the account's any more. Checking takes a
 * while, in which the password may be reset.
 */
export function hasPassword(checked: Checked) {
  return async (tx: Transaction): Promise<void> => {
    const [row] = await db(tx).select({ uid: accounts.userId }).from(accounts).where(hasPasswordStill(checked));
    if (row === undefined) throw wrongCredentials();
  };
}

type Checked = Pick<Account, 'tid' | 'uid' | 'passwordHash'>;

/** The account while it has the password that was checked, also when a sign-in has made its hash anew at another cost meanwhile. */
export const hasPasswordStill = ({ tid, uid, passwordHash }: Checked) =>
  and(
    ...[eq(accounts.tenantId, tid), eq(accounts.userId, uid)],
    eq(part`split_part(${accounts.passwordHash}, '$', 5)`, saltOf(passwordHash)),
  );
