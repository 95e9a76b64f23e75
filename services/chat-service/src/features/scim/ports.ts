/** What provisioning needs of accounts. */
import type { Transaction } from '../../platform/database/connect.ts';

export interface ScimPorts {
  /** The user whose account has this address, which it has shown to be its own. */
  readonly userOfVerifiedEmail: (tx: Transaction, tid: string, email: string) => Promise<string | undefined>;
}
