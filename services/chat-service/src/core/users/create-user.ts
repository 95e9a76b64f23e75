import { randomUUID } from 'node:crypto';
import type { TenantRole } from '@messagecore/protocol/features';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { searchableNames } from './search-name.ts';
import { users } from './tables.ts';

/** Creates a user whom the tenant knows under no name of its own, and returns the id. */
export async function createUser(
  tx: Transaction,
  tid: string,
  { displayName, role }: { readonly displayName: string; readonly role: TenantRole },
): Promise<string> {
  const id = randomUUID();
  const names = { displayName, searchName: searchableNames(displayName, null), searchOf: displayName };
  await db(tx)
    .insert(users)
    .values({ id, tenantId: tid, ...names, role });
  return id;
}
