/** Signing in with a passkey, which says by itself whose it is. */
import { ChatError } from '@messagecore/protocol';
import type { FinishPasskeySignIn, GivenCredential, PasskeyRequest, SignedIn } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { findTenant } from './account-tenant.ts';
import { attempt } from './attempt.ts';
import { beginSignIn } from './begin-sign-in.ts';
import type { AccountDeps } from './deps.ts';
import { auditPasskey } from './own-passkeys.ts';
import { CHALLENGE_MS, spendChallenge } from './passkey-challenges.ts';
import { siteOf } from './passkey-site.ts';
import { hasCountedOn, userHandleOf } from './rules.ts';
import { accounts, passkeys } from './tables.ts';
import { type Assertion, verifyGiven } from './verify-passkey.ts';

/** What the browser asks the authenticator with. Throws `not_found` and `tenant_suspended` for the tenant, `forbidden`. */
export async function startPasskeySignIn(deps: AccountDeps, ref: string): Promise<PasskeyRequest> {
  const { rpId } = siteOf(deps);
  const { tid } = await findTenant(deps.sql, ref);
  const challenge = deps.challenges.make({ tid }, deps.clock.now());
  return { challenge, timeout: CHALLENGE_MS, rpId, userVerification: 'required' };
}

/**
 * Signs a user in by what the passkey has signed. It stands for both factors, as the authenticator has verified the user. Throws
 * `not_found` and `tenant_suspended` for the tenant, `unauthorized` whatever is wrong with the passkey, `forbidden` for a
 * deactivated user and where there are no passkeys, `rate_limited`.
 */
export async function finishPasskeySignIn(
  deps: AccountDeps,
  { tenant: ref, credential, clientId }: FinishPasskeySignIn,
  address: string,
): Promise<SignedIn> {
  const tenant = await findTenant(deps.sql, ref);
  const { tid } = tenant;
  // Not the account: who fails with its password or its passkey keeps nobody from using the other one.
  const account = `passkey ${credential.id}`;
  const { id, uid } = await attempt(deps, { tid, account, address }, async () => {
    const found = await findPasskey(deps.sql, tid, credential);
    const assertion = found && (await verify(deps, found, credential));
    if (found === undefined || assertion === undefined) throw refused();
    if (found.status !== 'active') throw new ChatError('forbidden', 'the user is deactivated');
    const isTaken = await deps.sql.begin((tx) => take(tx, found, assertion, address));
    if (!isTaken) throw refused();
    return found;
  });
  return beginSignIn(deps, tenant, { uid, clientId, address }, isStillThere(id));
}

/** What is refused without saying why. */
const refused = () =>
  new ChatError('unauthorized', 'the passkey is unknown or was refused, or it is too late: begin again');

type Found = NonNullable<Awaited<ReturnType<typeof findPasskey>>>;

/** Of a user who is not erased. Ids of credentials are long and random: who gives one that is there has the passkey. */
async function findPasskey(sql: Sql, tid: string, { id, response }: GivenCredential) {
  const [row] = await db(sql)
    .select({
      ...{ id: passkeys.id, tid: passkeys.tenantId, uid: passkeys.userId, publicKey: passkeys.publicKey },
      status: users.status,
    })
    .from(passkeys)
    .innerJoin(accounts, and(eq(accounts.tenantId, passkeys.tenantId), eq(accounts.userId, passkeys.userId)))
    .innerJoin(users, eq(users.id, passkeys.userId))
    .where(and(eq(passkeys.tenantId, tid), eq(passkeys.credentialId, id), ne(users.status, 'deleted')));
  return row !== undefined && userHandleOf(row.uid) === response.userHandle ? row : undefined;
}

function verify(deps: AccountDeps, { tid, publicKey }: Found, credential: GivenCredential) {
  const isExpected = (challenge: string) => deps.challenges.counts(challenge, { tid }, deps.clock.now());
  return verifyGiven(siteOf(deps), credential, publicKey, isExpected);
}

/**
 * Uses the challenge up and notes the counter. False when the challenge was used before, the passkey was removed meanwhile, or
 * its counter says that there are two of it, which is audited.
 */
async function take(
  tx: Transaction,
  { id, tid, uid }: Found,
  { counter, challenge }: Assertion,
  address: string,
): Promise<boolean> {
  const [kept] = await db(tx)
    .select({ counter: passkeys.counter })
    .from(passkeys)
    .where(eq(passkeys.id, id))
    .for('update');
  if (kept === undefined || !(await spendChallenge(tx, tid, challenge))) return false;
  if (!hasCountedOn(kept.counter, counter)) {
    await auditPasskey(tx, { tid, uid, address }, 'refuse_passkey', id);
    return false;
  }
  await db(tx).update(passkeys).set({ counter, lastUsedAt: now() }).where(eq(passkeys.id, id));
  return true;
}

/** For `beginSignIn`: throws `unauthorized` when the passkey was removed meanwhile. */
function isStillThere(id: string) {
  return async (tx: Transaction): Promise<void> => {
    const [row] = await db(tx).select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.id, id));
    if (row === undefined) throw refused();
  };
}
