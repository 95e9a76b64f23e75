/** Which user of the tenant somebody is whom a provider has identified. */
import { createHash } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { isName, type TenantRole } from '@messagecore/protocol/features';
import { and, eq, inArray, or, sql as part } from '../../platform/database/drizzle.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import { giveTenantRole } from '../../core/users/give-tenant-role.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { isUsable, type UsableProvider } from './find-provider.ts';
import type { SsoPorts } from './ports.ts';
import { refuseOwner } from './refuse-owner.ts';
import { externalIdentities } from './tables.ts';

/** What a provider says of somebody. */
export interface Person {
  /** Names them at the provider, for ever. */
  readonly subject: string;
  readonly displayName: string | undefined;
  /** An address that the provider says is theirs; undefined when it does not vouch for it. */
  readonly verifiedEmail: string | undefined;
  /** By the rules of the provider; undefined when none fits. */
  readonly role: TenantRole | undefined;
}

export interface LinkDeps extends Pick<SsoPorts, 'userOfVerifiedEmail'> {
  readonly sql: Sql;
  readonly createUser: CreateUser;
}

/** Characters of a subject at the most, by OpenID Connect; a longer one is kept as its hash. */
const SUBJECT_LENGTH = 255;
const NAME_LENGTH = 100;

/**
 * The user's id. One who comes for the first time is the user whose account has the same verified address, and whom the provider
 * does not know as somebody else, or becomes a user where the provider's settings say so: else `forbidden`. A role that the rules
 * give holds from this sign-in on; owners stay what they are. A provider of the tenant's own lets no owner in, not one
 * whom it has known before either: `forbidden`. Throws `not_found` for a provider that is gone by now.
 */
export function linkIdentity(
  { sql, createUser, userOfVerifiedEmail }: LinkDeps,
  provider: UsableProvider,
  person: Person,
  address: string,
): Promise<string> {
  const { tid, id: providerId, settings } = provider;
  const subject = person.subject.length <= SUBJECT_LENGTH ? person.subject : hashOf(person.subject);
  const by = { tid, uid: undefined, actor: `identity_provider:${providerId}`, address };
  return sql.begin(async (tx) => {
    await takeTurn(tx, [tid, providerId, subject]);
    // Else a later provider of the same id would know them.
    await isUsable(provider)(tx);
    const known = await useIdentity(tx, { tid, providerId, subject });
    if (known !== undefined) {
      await refuseOwner(tx, provider, known);
      await giveRole(tx, by, known, person.role);
      return known;
    }
    const { verifiedEmail } = person;
    const named = verifiedEmail === undefined ? undefined : await userOfVerifiedEmail(tx, tid, verifiedEmail);
    const present = await unknownTo(tx, provider, named);
    if (present !== undefined) await refuseOwner(tx, provider, present);
    if (present === undefined && !settings.createUsers) throw new ChatError('forbidden', 'not a user of this tenant');
    const displayName = nameOf(person);
    const uid = present ?? (await createUser(tx, tid, { displayName, role: person.role ?? 'member' }));
    // Locks the tenant, which comes before the user, whom the new row refers to, and before the log.
    if (present !== undefined) await giveRole(tx, by, uid, person.role);
    await db(tx).insert(externalIdentities).values({ tenantId: tid, providerId, subject, userId: uid });
    const action = present === undefined ? 'create_user' : 'link_identity';
    // Not the subject: it may be a name or an address, and the log keeps what it has been told.
    await auditCaller(tx, by, { action, target: `user:${uid}`, after: { providerId } });
    return uid;
  });
}

/**
 * The user, unless it, or a user merged into it, is somebody else of the same provider already: addresses are given to new
 * people, subjects are not. The lock is for two of them who come at once.
 */
async function unknownTo(
  tx: Transaction,
  { tid, id }: Pick<UsableProvider, 'tid' | 'id'>,
  uid: string | undefined,
): Promise<string | undefined> {
  if (uid === undefined) return undefined;
  await takeTurn(tx, [tid, id, 'user', uid]);
  const { tenantId, providerId, userId, subject } = externalIdentities;
  const merged = db(tx).select({ id: users.id }).from(users).where(eq(users.mergedInto, uid));
  const [other] = await db(tx)
    .select({ subject })
    .from(externalIdentities)
    .where(and(eq(tenantId, tid), eq(providerId, id), or(eq(userId, uid), inArray(userId, merged))))
    .limit(1);
  return other === undefined ? uid : undefined;
}

/** Raw SQL: a lock. Of two first sign-ins of somebody at once the second one finds what the first one has made. */
async function takeTurn(tx: Transaction, identity: readonly string[]): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(identity)}, 0))`;
}

/** Of a merged user, the survivor. */
async function useIdentity(
  tx: Transaction,
  { tid, providerId, subject }: { readonly tid: string; readonly providerId: string; readonly subject: string },
): Promise<string | undefined> {
  const { tenantId, providerId: provider, subject: name } = externalIdentities;
  const [row] = await db(tx)
    .update(externalIdentities)
    .set({ lastUsedAt: now() })
    .where(and(eq(tenantId, tid), eq(provider, providerId), eq(name, subject)))
    .returning({ uid: part<string>`coalesce((select merged_into from users where users.id = user_id), user_id)` });
  return row?.uid;
}

/** Owners stay what they are. */
async function giveRole(tx: Transaction, by: Reader, uid: string, role: TenantRole | undefined): Promise<void> {
  if (role === undefined) return;
  const { tid } = by;
  const current = await findRole(tx, tid, uid);
  if (current === undefined || current === role || current === 'owner') return;
  await giveTenantRole(tx, by, { tid, uid }, role);
}

async function findRole(tx: Transaction, tid: string, uid: string): Promise<TenantRole | undefined> {
  const [user] = await db(tx)
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), eq(users.id, uid)));
  return user?.role;
}

/** A name that is none, or too long, is not taken. */
function nameOf({ displayName = '', verifiedEmail = '' }: Person): string {
  const candidates = [displayName, verifiedEmail.split('@')[0] ?? ''].map((text) => text.slice(0, NAME_LENGTH).trim());
  return candidates.find((text) => text !== '' && isName(text)) ?? 'User';
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
