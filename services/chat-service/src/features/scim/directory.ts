/** A tenant's directory, as a whole. */
import { commitWithEvents, type Emit, type PublishEvents } from '../../core/outbox/emit.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import type { AuditEntry } from '../../platform/audit/entry.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { ScimPorts } from './ports.ts';

export interface ScimDeps extends ScimPorts {
  readonly sql: Sql;
  readonly createUser: CreateUser;
  readonly publishEvents: PublishEvents;
}

/** The back end of a tenant, and from where it asks; a job from nowhere. */
export interface Caller {
  readonly tid: string;
  readonly address: string;
  /** Whether its key has the scope `admin`; left out of a job. */
  readonly administers?: boolean;
}

/**
 * What a directory did, for the tenant's log. `after` has no names and no addresses of users: the log keeps what it has been told
 * when a user is erased.
 */
export function entryOf({ address }: Caller, action: string, target: string, after: object | null): AuditEntry {
  return { actor: ACTOR, address, action, target, after };
}

/** Who changes users and gives roles. */
export const byDirectory = (caller: Caller) => ({ ...caller, uid: undefined, actor: ACTOR });

const ACTOR = 'scim';

/** Of one tenant, and members of one group. */
export const MOST = { users: 100_000, groups: 1_000, members: 10_000 };

export interface Change {
  readonly tx: Transaction;
  readonly emit: Emit;
}

/**
 * Users and groups of one directory are changed by one request at a time, from what it reads to what it writes: two of them
 * at once lose nothing.
 */
export function changeDirectory<T>(
  { sql, publishEvents }: Pick<ScimDeps, 'sql' | 'publishEvents'>,
  tid: string,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await lockTenant(tx, tid);
    return work({ tx, emit });
  });
}
