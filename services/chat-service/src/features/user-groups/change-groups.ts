import { randomUUID } from 'node:crypto';
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { NewUserGroup, UserGroup } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { mentionName } from '../../core/messages/mentions-in-text.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { listEvent } from '../../core/outbox/events.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { getGroup, noGroup } from './group-queries.ts';
import { userGroupMembers, userGroups } from './tables.ts';

export interface GroupDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

const { id, tenantId } = userGroups;
export const isGroup = (tid: string, of: string) => and(eq(id, of), eq(tenantId, tid));

/**
 * Throws `bad_request` for a name that no `@` would find, `conflict` for one that mentions do not tell from another group's, and
 * `too_large` when the tenant has as many groups as it may.
 */
export function createGroup({ sql, publishEvents }: GroupDeps, by: Reader, { name }: NewUserGroup): Promise<UserGroup> {
  const { tid } = by;
  const compared = comparedName(name);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    // Of two at the same time, the second sees the first.
    await lockTenant(tx, tid);
    await checkNameFree(tx, tid, compared);
    if ((await db(tx).$count(userGroups, eq(tenantId, tid))) >= LIMITS.userGroupsPerTenant) {
      throw new ChatError('too_large', `more than ${LIMITS.userGroupsPerTenant} groups`);
    }
    const groupId = randomUUID();
    await db(tx).insert(userGroups).values({ id: groupId, tenantId: tid, name, mentionName: compared });
    await emit(listEvent(tid, 'userGroups'));
    await auditCaller(tx, by, { action: 'create_user_group', target: targetOf(groupId), after: { name } });
    return { groupId, name, members: 0, mine: false };
  });
}

/** What was said before keeps the name of before. Throws as `createGroup` does, and `not_found`. */
export function renameGroup(
  { sql, publishEvents }: GroupDeps,
  by: Reader,
  of: string,
  { name }: NewUserGroup,
): Promise<UserGroup> {
  const { tid } = by;
  const compared = comparedName(name);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await lockTenant(tx, tid);
    const before = await getGroup(tx, by, of);
    if (before.name === name) return before;
    await checkNameFree(tx, tid, compared, of);
    const { count } = await db(tx).update(userGroups).set({ name, mentionName: compared }).where(isGroup(tid, of));
    if (count === 0) throw noGroup();
    await emit(listEvent(tid, 'userGroups'));
    const change = { before: { name: before.name }, after: { name } };
    await auditCaller(tx, by, { action: 'rename_user_group', target: targetOf(of), ...change });
    return { ...before, name };
  });
}

/** With its members. Whom it has mentioned stays mentioned. Throws `not_found`. */
export function deleteGroup({ sql, publishEvents }: GroupDeps, by: Reader, of: string): Promise<void> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [before] = await db(tx).delete(userGroups).where(isGroup(by.tid, of)).returning({ name: userGroups.name });
    if (before === undefined) throw noGroup();
    await db(tx).delete(userGroupMembers).where(eq(userGroupMembers.groupId, of));
    await emit(listEvent(by.tid, 'userGroups'));
    await auditCaller(tx, by, { action: 'delete_user_group', target: targetOf(of), before });
  });
}

export const targetOf = (of: string) => `user-group:${of}`;

function comparedName(name: string): string {
  const compared = mentionName(name);
  if (compared !== undefined) return compared;
  const message = 'must be a name that a text can mention: not all or here, without @, and not too long';
  throw new ChatError('bad_request', `name: ${message}`, { errors: [{ path: 'name', message }] });
}

async function checkNameFree(tx: Transaction, tid: string, compared: string, except?: string): Promise<void> {
  const isSame = and(
    eq(tenantId, tid),
    eq(userGroups.mentionName, compared),
    except === undefined ? undefined : ne(id, except),
  );
  if ((await db(tx).$count(userGroups, isSame)) > 0) throw new ChatError('conflict', 'another group has this name');
}
