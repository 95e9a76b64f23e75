/** What accounts need of identity providers. */
import type { Transaction } from '../../platform/database/connect.ts';

/** By which provider somebody came in, and when, in milliseconds since 1970. */
export interface ProviderOfSignIn {
  readonly tid: string;
  readonly providerId: string;
  readonly signedInAt: number;
}

export interface AccountPorts {
  /** Whether the provider of a sign-in is there and on; a later one of the same id is another one. */
  readonly isProviderOn: (tx: Transaction, provider: ProviderOfSignIn) => Promise<boolean>;
}
