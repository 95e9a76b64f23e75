/** What sign-in by identity providers needs of accounts. */
import type { SignedIn } from '@messagecore/protocol/features';
import type { Transaction } from '../../platform/database/connect.ts';

/** A user who has been identified, on which device, and from where. */
export interface Identified {
  readonly tid: string;
  readonly uid: string;
  /** A new one when left out. */
  readonly clientId: string | undefined;
  readonly address: string;
  /** Who says so. */
  readonly providerId: string;
}

/** What is tried: the account's name is whatever was typed in. */
export interface Attempt {
  readonly tid: string;
  readonly account: string;
  readonly address: string;
}

export interface SsoPorts {
  /**
   * Gives the user tokens, as a sign-in with a password does. Throws `forbidden` for one that is deactivated, and what `check`
   * throws in the transaction.
   */
  readonly signIn: (identified: Identified, check: (tx: Transaction) => Promise<void>) => Promise<SignedIn>;
  /** The user whose account has this address, which it has shown to be its own. */
  readonly userOfVerifiedEmail: (tx: Transaction, tid: string, email: string) => Promise<string | undefined>;
  /** Runs an attempt, and counts it when it throws `unauthorized`. Throws `rate_limited` when too many did lately. */
  readonly attempt: <T>(attempt: Attempt, run: () => Promise<T>) => Promise<T>;
  /**
   * Ends up to `most` sign-ins by a provider, with their sessions: all users' where `uid` is left out, and whenever they began where
   * `until` is. Returns how many.
   */
  readonly endSignInsBy: (
    tx: Transaction,
    signIns: { readonly tid: string; readonly uid?: string; readonly providerId: string; readonly until?: Date },
    most: number,
  ) => Promise<number>;
}
