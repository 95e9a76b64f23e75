import { ChatError } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import type { AccountDeps } from './deps.ts';
import { accountKey } from './rules.ts';

/** Whose secrets are tried, and from where. */
export interface Tried {
  readonly tid: string;
  /** An address, or whatever else was typed in for a name. */
  readonly account: string;
  readonly address: string;
}

/**
 * One attempt at the secrets of an account, whether there is such an account or not. It counts when `work` throws
 * `unauthorized`; what succeeds does not, nor what fails for another reason. Throws `rate_limited` without having begun, or
 * what `work` throws.
 */
export async function attempt<T>(
  { limits }: Pick<AccountDeps, 'limits'>,
  { tid, account, address }: Tried,
  work: () => Promise<T>,
): Promise<T> {
  const demand = { tid, account: accountKey(account), network: networkOf(address) };
  const retryAfterMs = await limits.takeSignIn(demand);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many attempts', { retryAfterMs });
  let isWrong = false;
  try {
    return await work();
  } catch (error) {
    isWrong = error instanceof ChatError && error.code === 'unauthorized';
    throw error;
  } finally {
    if (!isWrong) await limits.giveSignInBack(demand);
  }
}
