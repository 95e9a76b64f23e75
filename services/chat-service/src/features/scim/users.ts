/** SCIM users: who they are in the tenant, and whether they are let in. */
import { and, eq } from 'drizzle-orm';
import { isName } from '@messagecore/protocol/features';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import { updateUser } from '../../core/users/update-user.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { ScimPorts } from './ports.ts';
import { equalTo, filtered, type ListQuery, page, ScimError, type ScimUser, showUser } from './schema.ts';
import { scimMembers, scimUsers } from './tables.ts';

export interface ScimDeps extends ScimPorts {
  readonly sql: Sql;
  readonly createUser: CreateUser;
  readonly publishEvents: PublishEvents;
}

/** The back end of a tenant, and from where it asks. */
export interface Caller {
  readonly tid: string;
  readonly address: string;
  /** Whether its key has the scope `admin`. */
  readonly administers: boolean;
}

/** The directory behind it, as the audit log names it. */
export function directoryOf(by: Caller): Reader {
  return { ...by, uid: undefined, actor: 'scim' };
}

/** Of one tenant. */
const MOST = 100_000;
const NAME_LENGTH = 100;

const isUser = (tid: string, uid: string) => and(eq(scimUsers.tenantId, tid), eq(scimUsers.userId, uid));

type Row = typeof scimUsers.$inferSelect;

function viewOf({ userId, attributes, active, createdAt, modifiedAt }: Row): ScimUser {
  return showUser({ ...attributes, id: userId, active, meta: { created: createdAt, lastModified: modifiedAt } });
}

/** Throws a ScimError. */
export async function getUser(sql: Sql | Transaction, tid: string, uid: string): Promise<ScimUser> {
  const [row] = await db(sql).select().from(scimUsers).where(isUser(tid, uid));
  if (row === undefined) throw new ScimError(404, `there is no user ${uid}`);
  return viewOf(row);
}

export async function listUsers(sql: Sql, tid: string, query: ListQuery): Promise<object> {
  const name = equalTo(query.filter, 'userName');
  const rows = await db(sql)
    .select()
    .from(scimUsers)
    .where(and(eq(scimUsers.tenantId, tid), name === undefined ? undefined : eq(scimUsers.nameKey, name.toLowerCase())))
    .orderBy(scimUsers.nameKey)
    .limit(MOST);
  const users = rows.map(viewOf);
  return page(name === undefined ? filtered(users, query.filter) : users, query);
}

/** Somebody whose address an account vouches for is that user; everybody else becomes one. */
export async function addUser(deps: ScimDeps, by: Caller, resource: ScimUser): Promise<ScimUser> {
  const { sql, createUser, userOfVerifiedEmail } = deps;
  const { tid } = by;
  const uid = await sql.begin(async (tx) => {
    const fields = fieldsOf(resource);
    const email = fields.emailKey;
    const present = email === null ? undefined : await userOfVerifiedEmail(tx, tid, email);
    const id = present ?? (await createUser(tx, tid, { displayName: nameOf(resource), role: 'member' }));
    const { count } = await db(tx)
      .insert(scimUsers)
      .values({ tenantId: tid, userId: id, ...fields })
      .onConflictDoNothing();
    if (count === 0) throw new ScimError(409, 'there is a user of this userName', 'uniqueness');
    await audit(tx, by, 'create_user', id, { active: fields.active });
    return id;
  });
  await apply(deps, by, uid, resource);
  return getUser(sql, tid, uid);
}

/** All attributes are replaced. Whoever is not active is let in no more, and sessions end. */
export async function replaceUser(deps: ScimDeps, by: Caller, uid: string, resource: ScimUser): Promise<ScimUser> {
  const { tid } = by;
  await getUser(deps.sql, tid, uid);
  // First: when the rest fails, somebody who is to be kept out is out already, and the directory says it again.
  await apply(deps, by, uid, resource);
  await deps.sql.begin(async (tx) => {
    const fields = fieldsOf(resource);
    await refuseTaken(tx, tid, uid, fields.nameKey);
    await db(tx)
      .update(scimUsers)
      .set({ ...fields, modifiedAt: now() })
      .where(isUser(tid, uid));
    await audit(tx, by, 'update_user', uid, { active: fields.active });
  });
  return getUser(deps.sql, tid, uid);
}

/** The directory knows the user no more: it is deactivated, and what it has said stays. */
export async function removeUser(deps: ScimDeps, by: Caller, uid: string): Promise<void> {
  const { sql, publishEvents } = deps;
  const { tid } = by;
  await getUser(sql, tid, uid);
  await updateUser(sql, publishEvents, directoryOf(by), { tid, uid }, { deactivated: true });
  await sql.begin(async (tx) => {
    await db(tx)
      .delete(scimMembers)
      .where(and(eq(scimMembers.tenantId, tid), eq(scimMembers.userId, uid)));
    await db(tx).delete(scimUsers).where(isUser(tid, uid));
    await audit(tx, by, 'remove_user', uid, null);
  });
}

/** The user whom the directory gave this address. */
export async function userOfEmail(tx: Transaction, tid: string, email: string): Promise<string | undefined> {
  const rows = await db(tx)
    .select({ uid: scimUsers.userId })
    .from(scimUsers)
    .where(and(eq(scimUsers.tenantId, tid), eq(scimUsers.emailKey, email.toLowerCase())))
    .limit(2);
  return rows.length === 1 ? rows[0]?.uid : undefined;
}

function apply({ sql, publishEvents }: ScimDeps, by: Caller, uid: string, resource: ScimUser): Promise<void> {
  const change = { displayName: nameOf(resource), deactivated: resource.active === false };
  return updateUser(sql, publishEvents, directoryOf(by), { tid: by.tid, uid }, change);
}

async function refuseTaken(tx: Transaction, tid: string, uid: string, nameKey: string): Promise<void> {
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

/** The first that is a name. */
function nameOf({ displayName, name, userName }: ScimUser): string {
  const { formatted, givenName, familyName } = (name ?? {}) as Readonly<Record<string, string | undefined>>;
  const whole = [givenName, familyName].filter(Boolean).join(' ');
  const candidates = [displayName, formatted, whole, userName].map((text) => text?.slice(0, NAME_LENGTH).trim() ?? '');
  return candidates.find((text) => text !== '' && isName(text)) ?? 'User';
}

/** Names and addresses are not told: the log keeps what it has been told when the user is erased. */
function audit(tx: Transaction, by: Caller, action: string, uid: string, after: object | null): Promise<void> {
  return auditCaller(tx, directoryOf(by), { action, target: `user:${uid}`, after });
}
