/** What accounts need of identity providers. */
import type { Transaction } from '../../platform/database/connect.ts';

/** Who came in by which provider, and when, in milliseconds since 1970. */
export interface SignInByProvider {
  readonly tid: string;
  readonly uid: string;
  readonly providerId: string;
  readonly signedInAt: number;
}

export interface AccountPorts {
  /** Whether the provider of a sign-in lets the user in still; a later one of the same id is another one. */
  readonly stillLetsIn: (tx: Transaction, signIn: SignInByProvider) => Promise<boolean>;
}
