import type { ProveOneself } from '@messagecore/protocol/features';
import type { Oneself } from '../../platform/operations/types.ts';
import { attempt } from './attempt.ts';
import { checkPassword } from './check-password.ts';
import type { AccountDeps } from './deps.ts';
import type { Account } from './find-account.ts';
import { codeRefused } from './rules.ts';
import { ownAccount, takeCode, triedBy } from './second-factor.ts';

/**
 * The account of who asks, who has given its password, and a code where the second factor is on. Throws `not_found` for a user
 * without an account, `unauthorized` for a wrong password or code, `rate_limited`.
 */
export async function proveOneself(
  deps: AccountDeps,
  self: Oneself,
  { password, code }: ProveOneself,
): Promise<Account> {
  const account = await ownAccount(deps, self);
  const { totpConfirmed } = account;
  await attempt(deps, triedBy(account, self), async () => {
    await checkPassword(deps, self.tid, self, password);
    if (totpConfirmed && code !== undefined) await takeCode(deps, account, code, self.address);
  });
  // Whoever gave the right password has not failed by that.
  if (totpConfirmed && code === undefined) throw codeRefused('is needed');
  return account;
}
