/**
 * Locks the groups of a user, or those with these ids, by id. Whoever changes members holds the group first: so does whatever takes
 * memberships away by their user, and neither waits for the other in a circle.
 *
 * Raw SQL: locked in order.
 */
import type { Transaction } from '../../platform/database/connect.ts';

export async function lockGroupsOf(tx: Transaction, user: string): Promise<void> {
  await tx`
    select from user_groups where id in (select group_id from user_group_members where user_id = ${user})
    order by id for no key update`;
}

export async function lockGroups(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx`select from user_groups where id = any(${[...ids]}::uuid[]) order by id for no key update`;
}
