import { ChatError } from '@messagecore/protocol';
import type { SignedIn, SignIn } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { db } from '../../platform/database/db.ts';
import { findTenant } from './account-tenant.ts';
import { attempt } from './attempt.ts';
import { beginSignIn } from './begin-sign-in.ts';
import type { AccountDeps } from './deps.ts';
import { checkPassword, hasPassword } from './check-password.ts';
import type { Account } from './find-account.ts';
import { codeRefused } from './rules.ts';
import { takeCode } from './second-factor.ts';
import { accounts } from './tables.ts';

/**
 * Signs a user in by password. Without such an account a hash is computed all the same, so that neither the answer nor its
 * time tells whether there is one. Throws `not_found` and `tenant_suspended` for the tenant, `unauthorized` for wrong
 * credentials, and with the field `code` where a second factor is wanted, `forbidden` for a deactivated user,
 * `rate_limited`.
 */
export function signIn(deps: AccountDeps, request: SignIn, address: string): Promise<SignedIn> {
  return deps.passwords.admit(request.tenant, () => signInAdmitted(deps, request, address));
}

async function signInAdmitted(
  deps: AccountDeps,
  { tenant: ref, email, password, code, clientId }: SignIn,
  address: string,
): Promise<SignedIn> {
  const tenant = await findTenant(deps.sql, ref);
  const { tid } = tenant;
  const account = await attempt(deps, { tid, account: email, address }, async () => {
    const found = await checkPassword(deps, tid, { email }, password);
    if (found.status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
    if (found.totpConfirmed && code !== undefined) await takeCode(deps, found, code, address);
    return found;
  });
  // Whoever gave the right password has not failed by that.
  if (account.totpConfirmed && code === undefined) throw codeRefused('is needed');
  const signedIn = await beginSignIn(deps, tenant, { uid: account.uid, clientId, address }, hasPassword(account));
  await upgradeHash(deps, account, password);
  return signedIn;
}

/** Hashes the password anew where its hash was made at another cost than that of today, which others who sign in do not notice. */
async function upgradeHash({ sql, passwords }: AccountDeps, account: Account, password: string): Promise<void> {
  const { tid, uid, passwordHash } = account;
  if (!passwords.isOutdated(passwordHash)) return;
  const isSame = and(eq(accounts.tenantId, tid), eq(accounts.userId, uid), eq(accounts.passwordHash, passwordHash));
  await db(sql)
    .update(accounts)
    .set({ passwordHash: await passwords.rehash(tid, password, passwordHash) })
    .where(isSame);
}
