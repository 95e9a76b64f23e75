/** SCIM users: who they are in the tenant, and whether they are let in. */
import { and, count, eq, gt, ne, or, sql as part } from '../../platform/database/drizzle.ts';
import { isName } from '@messagecore/protocol/features';
import { users } from '../../core/users/tables.ts';
import { changeUser as changeCoreUser } from '../../core/users/update-user.ts';
import { appendAudit, appendAudits } from '../../platform/audit/audit-log.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { byDirectory, type Caller, type Change, changeDirectory, entryOf, MOST, type ScimDeps } from './directory.ts';
import { findFormer, forgetFormer, keepFormer } from './former-users.ts';
import { giveRoles, survivor } from './give-roles.ts';
import { list, type Source } from './list.ts';
import type { ListQuery } from './query.ts';
import { isId, type ScimUser, showUser } from './schema.ts';
import { ScimError } from './scim-error.ts';
import { scimMembers, scimUsers } from './tables.ts';

const NAME_LENGTH = 100;

const isUser = (tid: string, uid: string) => and(eq(scimUsers.tenantId, tid), eq(scimUsers.userId, uid));

type Row = typeof scimUsers.$inferSelect;

const plainOf = ({ userId, attributes, active, createdAt, modifiedAt }: Row) => ({
  ...attributes,
  ...{ id: userId, active, meta: { resourceType: 'User', created: createdAt, lastModified: modifiedAt } },
});

/** Throws a ScimError. */
export async function getUser(sql: Sql | Transaction, tid: string, uid: string): Promise<ScimUser> {
  const [row] = await db(sql).select().from(scimUsers).where(isUser(tid, uid));
  if (row === undefined) throw new ScimError(404, `there is no user ${uid}`);
  return showUser(plainOf(row));
}

/** By name. */
export function listUsers(sql: Sql, tid: string, query: ListQuery): Promise<object> {
  return list(usersOf(sql, tid), query);
}

function usersOf(sql: Sql, tid: string): Source<ReturnType<typeof plainOf>> {
  const isOf = eq(scimUsers.tenantId, tid);
  return {
    equal: {
      userName: (value) => eq(scimUsers.nameKey, value.toLowerCase()),
      externalId: (value) => part`${scimUsers.attributes} ->> 'externalId' = ${value}`,
      id: (value) => (isId(value) ? eq(scimUsers.userId, value.toLowerCase()) : part`false`),
    },
    async count(where) {
      const [row] = await db(sql).select({ count: count() }).from(scimUsers).where(and(isOf, where));
      return row?.count ?? 0;
    },
    async read({ where, after, offset = 0, limit }) {
      const rows = await db(sql)
        .select()
        .from(scimUsers)
        .where(and(isOf, where, after === undefined ? undefined : gt(scimUsers.nameKey, after)))
        .orderBy(scimUsers.nameKey)
        .limit(limit)
        .offset(offset);
      return rows.map((row) => ({ key: row.nameKey, resource: plainOf(row) }));
    },
    show: showUser,
    fits: () => true,
  };
}

/**
 * Somebody whom the directory has deleted before, or whose address an account vouches for, is that user; everybody else becomes
 * one.
 */
export function addUser(deps: ScimDeps, by: Caller, resource: ScimUser): Promise<ScimUser> {
  const { createUser, userOfVerifiedEmail } = deps;
  const { tid } = by;
  return changeDirectory(deps, tid, async (change) => {
    const { tx } = change;
    await refuseMore(tx, tid);
    const fields = fieldsOf(resource);
    await refuseTaken(tx, tid, undefined, fields.nameKey);
    const email = fields.emailKey;
    const former = await findFormer(tx, tid, { nameKey: fields.nameKey, externalId: externalIdOf(fields.attributes) });
    const present = former ?? (email === null ? undefined : await userOfVerifiedEmail(tx, tid, email));
    const id = present ?? (await createUser(tx, tid, { displayName: nameOf(resource), role: 'member' }));
    const { count: added } = await db(tx)
      .insert(scimUsers)
      .values({ tenantId: tid, userId: id, ...fields })
      .onConflictDoNothing();
    if (added === 0) throw new ScimError(409, 'the directory has a user of this address', 'uniqueness');
    const letIn = await forgetFormer(tx, tid, id);
    await apply(change, by, id, { ...standingOf(resource), letIn });
    await appendAudit(tx, tid, entryOf(by, 'create_user', `user:${id}`, { active: fields.active }));
    return getUser(tx, tid, id);
  });
}

/**
 * All attributes are replaced by what `edit` makes of them; undefined leaves them. Whoever is not active is let in no more, and
 * sessions end; whoever becomes active is let in. Else whom others have deactivated stays so.
 */
export function changeUser(
  deps: ScimDeps,
  by: Caller,
  uid: string,
  edit: (current: ScimUser) => Promise<ScimUser | undefined>,
): Promise<ScimUser> {
  const { tid } = by;
  return changeDirectory(deps, tid, async (change) => {
    const { tx } = change;
    const current = await getUser(tx, tid, uid);
    const wasActive = current.active !== false;
    const resource = await edit(current);
    if (resource === undefined) return getUser(tx, tid, uid);
    const fields = fieldsOf(resource);
    await refuseTaken(tx, tid, uid, fields.nameKey);
    await db(tx)
      .update(scimUsers)
      .set({ ...fields, modifiedAt: now() })
      .where(isUser(tid, uid));
    await apply(change, by, uid, { ...standingOf(resource), letIn: !wasActive });
    await appendAudit(tx, tid, entryOf(by, 'update_user', `user:${uid}`, { active: fields.active }));
    return getUser(tx, tid, uid);
  });
}

/** The directory knows the user no more: it is deactivated, its groups' role goes, and what it has said stays. */
export function removeUser(deps: ScimDeps, by: Caller, uid: string): Promise<void> {
  const { tid } = by;
  return changeDirectory(deps, tid, async (change) => {
    const { tx } = change;
    const user = await getUser(tx, tid, uid);
    await db(tx)
      .delete(scimMembers)
      .where(and(eq(scimMembers.tenantId, tid), eq(scimMembers.userId, uid)));
    const roles = await giveRoles(tx, by, [uid]);
    await db(tx).delete(scimUsers).where(isUser(tid, uid));
    const shutOut = await apply(change, by, uid, { ...standingOf(user), active: false });
    const { nameKey, attributes } = fieldsOf(user);
    const deactivated = shutOut || user.active === false;
    await keepFormer(tx, tid, { userId: uid, nameKey, externalId: externalIdOf(attributes), deactivated });
    await appendAudits(tx, tid, [...roles, entryOf(by, 'remove_user', `user:${uid}`, null)]);
  });
}

/** The user whom the directory gave this address; of a merged one, the survivor. */
export async function userOfEmail(tx: Transaction, tid: string, email: string): Promise<string | undefined> {
  const rows = await db(tx)
    .selectDistinct({ uid: survivor })
    .from(scimUsers)
    .innerJoin(users, eq(users.id, scimUsers.userId))
    .where(and(eq(scimUsers.tenantId, tid), eq(scimUsers.emailKey, email.toLowerCase())))
    .limit(2);
  return rows.length === 1 ? rows[0]?.uid : undefined;
}

interface Standing {
  readonly displayName: string;
  readonly active: boolean;
  /** Whether one who is active and deactivated here is let in again. */
  readonly letIn?: boolean;
}

const standingOf = (resource: ScimUser): Standing => ({
  displayName: nameOf(resource),
  active: resource.active !== false,
});

/**
 * To a merged user's row belongs the survivor, who is active as long as one row says so. Returns whether somebody who was let in
 * is not any more.
 */
async function apply(change: Change, by: Caller, id: string, standing: Standing): Promise<boolean> {
  const { displayName, active, letIn = false } = standing;
  const { tx } = change;
  const { tid } = by;
  const [row] = await db(tx).select({ uid: survivor }).from(users).where(eq(users.id, id));
  const uid = row?.uid ?? id;
  const [before] = await db(tx).select({ status: users.status }).from(users).where(eq(users.id, uid));
  const isShutOut = !active && !(await isActiveBesides(tx, tid, uid, id));
  const isLetIn = active && letIn;
  const edited = { displayName, ...((isShutOut || isLetIn) && { deactivated: isShutOut }) };
  await changeCoreUser(change, byDirectory(by), { tid, uid }, edited);
  return isShutOut && before?.status === 'active';
}

async function isActiveBesides(tx: Transaction, tid: string, uid: string, id: string): Promise<boolean> {
  const [other] = await db(tx)
    .select({ id: scimUsers.userId })
    .from(scimUsers)
    .innerJoin(users, eq(users.id, scimUsers.userId))
    .where(
      and(
        ...[eq(scimUsers.tenantId, tid), ne(scimUsers.userId, id), eq(scimUsers.active, true)],
        or(eq(users.id, uid), eq(users.mergedInto, uid)),
      ),
    )
    .limit(1);
  return other !== undefined;
}

async function refuseMore(tx: Transaction, tid: string): Promise<void> {
  const [present] = await db(tx).select({ count: count() }).from(scimUsers).where(eq(scimUsers.tenantId, tid));
  if ((present?.count ?? 0) >= MOST.users) throw new ScimError(403, `a directory has at most ${MOST.users} users`);
}

async function refuseTaken(tx: Transaction, tid: string, uid: string | undefined, nameKey: string): Promise<void> {
  const [other] = await db(tx)
    .select({ uid: scimUsers.userId })
    .from(scimUsers)
    .where(and(eq(scimUsers.tenantId, tid), eq(scimUsers.nameKey, nameKey)));
  if (other !== undefined && other.uid !== uid)
    throw new ScimError(409, 'there is a user of this userName', 'uniqueness');
}

/** What is kept: not what the server says itself, and never a password. */
function fieldsOf(resource: ScimUser) {
  const attributes = JSON.parse(JSON.stringify(resource)) as Record<string, unknown>;
  for (const name of ['id', 'meta', 'schemas', 'groups', 'active', 'password']) delete attributes[name];
  const emails = (resource.emails ?? []) as { value?: string; primary?: boolean }[];
  const email = emails.find(({ primary }) => primary === true) ?? emails[0];
  return {
    nameKey: resource.userName.toLowerCase(),
    emailKey: email?.value?.toLowerCase() ?? null,
    attributes,
    active: resource.active !== false,
  };
}

function externalIdOf({ externalId }: Readonly<Record<string, unknown>>): string | null {
  return typeof externalId === 'string' ? externalId : null;
}

/** The first that is a name. */
function nameOf({ displayName, name, userName }: ScimUser): string {
  const { formatted, givenName, familyName } = (name ?? {}) as Readonly<Record<string, string | undefined>>;
  const whole = [givenName, familyName].filter(Boolean).join(' ');
  const candidates = [displayName, formatted, whole, userName].map((text) => text?.slice(0, NAME_LENGTH).trim() ?? '');
  return candidates.find((text) => text !== '' && isName(text)) ?? 'User';
}
