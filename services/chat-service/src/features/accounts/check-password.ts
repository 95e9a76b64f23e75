import type { AccountDeps } from './deps.ts';
import { type Account, findAccount } from './find-account.ts';
import { wrongCredentials } from './rules.ts';

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
