import { ChatError } from '@messagecore/protocol';
import { and, eq } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from '../tenants/tables.ts';
import type { UserGuard } from './extensions.ts';
import { users } from './tables.ts';

export interface CreateUserDeps {
  /** Connections of what changes something and may wait for a lock. */
  readonly manage: Sql;
  /** Of features. */
  readonly userGuards: readonly UserGuard[];
  /** Runs one at a time for each tenant, so that however many users a tenant creates, they take one connection. */
  readonly inTurn: <T>(tid: string, work: () => Promise<T>) => Promise<T>;
}

export type NewUser = Omit<typeof users.$inferInsert, 'tenantId' | 'externalId'> & { readonly externalId: string };

/**
 * Creates a user of the tenant unless the external id has one already. Throws what a guard refuses with.
 *
 * The tenant's row is locked, so that guards see every user who was created before.
 */
export async function createUser(
  { manage, userGuards, inTurn }: CreateUserDeps,
  tid: string,
  user: NewUser,
): Promise<void> {
  await inTurn(tid, () =>
    manage.begin(async (tx) => {
      const [tenant] = await db(tx)
        .select({ id: tenants.id })
        .from(tenants)
        .where(eq(tenants.id, tid))
        .for('no key update');
      if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
      const isNamed = and(eq(users.tenantId, tid), eq(users.externalId, user.externalId));
      const [present] = await db(tx).select({ id: users.id }).from(users).where(isNamed);
      if (present !== undefined) return;
      const ends = [];
      for (const guard of userGuards) ends.push(await guard(tx, tid));
      await db(tx)
        .insert(users)
        .values({ ...user, tenantId: tid });
      for (const end of ends) await end();
    }),
  );
}
