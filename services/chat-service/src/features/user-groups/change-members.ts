/** Raw SQL: many rows in one statement, of users whose rows are locked. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ChangeGroupMembers, UserGroup } from '@messagecore/protocol/features';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { listEvent } from '../../core/outbox/events.ts';
import { resolveUsers } from '../../core/users/user-queries.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { type GroupDeps, isGroup, targetOf } from './change-groups.ts';
import { getGroup, noGroup } from './group-queries.ts';
import { userGroups } from './tables.ts';

/**
 * Adds active users and removes others, as a whole or not at all; who is in already, or is not, changes nothing. Throws `not_found`
 * for a group or a user, and `too_large` when the group has more members than it may.
 */
export async function changeMembers(
  { sql, publishEvents }: GroupDeps,
  by: Reader,
  of: string,
  { add = [], remove = [] }: ChangeGroupMembers,
): Promise<UserGroup> {
  const adding = await resolveUsers(sql, by, add, 'add');
  const removing = await resolveUsers(sql, by, remove, 'remove', true);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await lockGroup(tx, by.tid, of);
    const removed = await removeMembers(tx, of, removing);
    const added = await addMembers(tx, by.tid, of, adding);
    const group = await getGroup(tx, by, of);
    if (group.members > LIMITS.userGroupMembers) {
      throw new ChatError('too_large', `a group has ${LIMITS.userGroupMembers} members at most`);
    }
    if (added.length + removed.length > 0) {
      await emit(listEvent(by.tid, 'userGroups'));
      await auditCaller(tx, by, { action: 'change_user_group', target: targetOf(of), after: { added, removed } });
    }
    return group;
  });
}

/** Of two changes at the same time, the second counts what the first has added; nobody is added to a group that is gone. */
async function lockGroup(tx: Transaction, tid: string, of: string): Promise<void> {
  const rows = await db(tx).select({ id: userGroups.id }).from(userGroups).where(isGroup(tid, of)).for('no key update');
  if (rows.length === 0) throw noGroup();
}

async function removeMembers(tx: Transaction, of: string, users: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    delete from user_group_members where group_id = ${of} and user_id = any(${[...users]}::uuid[]) returning user_id as id`;
  return rows.map(({ id }) => id);
}

/** Nobody who is erased or merged meanwhile: their rows are locked. */
async function addMembers(tx: Transaction, tid: string, of: string, users: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with known as (
      select id from users
      where tenant_id = ${tid} and id = any(${[...users]}::uuid[]) and status = 'active' and merged_into is null
      order by id for share
    )
    insert into user_group_members (group_id, user_id, tenant_id)
    select ${of}, id, ${tid} from known on conflict do nothing returning user_id as id`;
  return rows.map(({ id }) => id);
}
