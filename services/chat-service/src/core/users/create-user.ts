import { randomUUID } from 'node:crypto';
import type { TenantRole } from '@messagecore/protocol/features';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import type { OnUserChange, UserGuard } from './extensions.ts';
import { searchableNames } from './search-name.ts';
import { users } from './tables.ts';
import { isNamedBy } from './user-queries.ts';

export interface NewUser {
  /** A new one when left out. */
  readonly id?: string;
  /** The tenant's own name for the user. */
  readonly externalId?: string;
  readonly displayName: string;
  readonly role?: TenantRole;
}

/**
 * Creates a user of the tenant unless the external id has one already, and returns the id: of a merged user, the survivor's. Throws what a guard refuses with.
 *
 * The tenant's row is locked, so that guards see every user who was created before.
 */
export type CreateUser = (tx: Transaction, tid: string, user: NewUser) => Promise<string>;

/** What features do where a user is created. */
export interface UserExtensions {
  readonly guards: readonly UserGuard[];
  readonly changes: readonly OnUserChange[];
}

/** The one way in which users are created. */
export function createUserCreation({ guards, changes }: UserExtensions): CreateUser {
  return async (tx, tid, { id = randomUUID(), externalId, displayName, role }) => {
    await lockTenant(tx, tid);
    const present = externalId === undefined ? undefined : await findUser(tx, tid, externalId);
    if (present !== undefined) return present;
    const ends = [];
    for (const guard of guards) ends.push(await guard(tx, tid));
    const names = { displayName, searchName: searchableNames(displayName, externalId ?? null), searchOf: displayName };
    await db(tx)
      .insert(users)
      .values({ id, tenantId: tid, externalId, ...names, role });
    for (const end of ends) await end();
    for (const change of changes) await change(tx, { tid, uid: id });
    return id;
  };
}

async function findUser(tx: Transaction, tid: string, externalId: string): Promise<string | undefined> {
  const [user] = await db(tx)
    .select({ id: users.id })
    .from(users)
    .where(isNamedBy(tid, `ext:${externalId}`));
  return user?.id;
}
