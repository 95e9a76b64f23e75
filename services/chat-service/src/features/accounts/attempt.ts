import { ChatError } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import type { AccountDeps } from './deps.ts';
import { accountKey } from './rules.ts';

/**
 * One attempt at the secrets of an account, whether there is such an account or not. What succeeds is not counted. Throws
 * `rate_limited` without having begun, or what `work` throws.
 */
export async function attempt<T>(
  { limits }: Pick<AccountDeps, 'limits'>,
  { tid, email, address }: { readonly tid: string; readonly email: string; readonly address: string },
  work: () => Promise<T>,
): Promise<T> {
  const demand = { tid, account: accountKey(email), network: networkOf(address) };
  const retryAfterMs = await limits.takeSignIn(demand);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many attempts', { retryAfterMs });
  const result = await work();
  await limits.giveSignInBack(demand);
  return result;
}

/** An attempt at an account of another kind, whatever its name there. */
export interface Tried {
  readonly tid: string;
  readonly account: string;
  readonly address: string;
}

/** The same, where undefined is the failure; what throws is not counted either. */
export async function countFailures<T>(
  { limits }: Pick<AccountDeps, 'limits'>,
  { tid, account, address }: Tried,
  run: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const demand = { tid, account: accountKey(account), network: networkOf(address) };
  const retryAfterMs = await limits.takeSignIn(demand);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many attempts', { retryAfterMs });
  let failed = false;
  try {
    const result = await run();
    failed = result === undefined;
    return result;
  } finally {
    if (!failed) await limits.giveSignInBack(demand);
  }
}
