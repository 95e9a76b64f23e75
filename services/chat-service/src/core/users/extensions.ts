/** Where features take part in the creation of a user. */
import type { Transaction } from '../../platform/database/connect.ts';

/**
 * Asked in the transaction that creates a user of the tenant, one at a time for each tenant. Throws the ChatError that
 * refuses it; what it returns is called when the user is stored.
 */
export type UserGuard = (tx: Transaction, tid: string) => Promise<() => Promise<void>>;
