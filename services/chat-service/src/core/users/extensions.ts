/** Where features take part in the life of a user. */
import type { Transaction } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';

/**
 * Asked in the transaction that creates a user of the tenant, one at a time for each tenant. Throws the ChatError that
 * refuses it; what it returns is called when the user is stored.
 */
export type UserGuard = (tx: Transaction, tid: string) => Promise<() => Promise<void>>;

/**
 * Called when a user is one whom the tenant may be told to treat in another way: in the transaction that creates the user, and
 * by a job soon after the user was given another role or was let in again (user-changed.job.ts). It may be called twice.
 */
export type OnUserChange = (tx: Transaction, user: Actor) => Promise<void>;
