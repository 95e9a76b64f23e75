import { randomUUID } from 'node:crypto';
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ConfirmPasskey, Passkey, PasskeyCreation, ProveOneself } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import type { Oneself } from '../../platform/operations/types.ts';
import { findTenant } from './account-tenant.ts';
import { askForMail } from './ask-for-mail.ts';
import type { AccountDeps } from './deps.ts';
import { auditPasskey, isOwn } from './own-passkeys.ts';
import { CHALLENGE_MS, spendChallenge } from './passkey-challenges.ts';
import { siteOf } from './passkey-site.ts';
import { proveOneself } from './prove-oneself.ts';
import { userHandleOf } from './rules.ts';
import { ownAccount } from './second-factor.ts';
import { accounts, passkeys } from './tables.ts';
import { ALGORITHMS, verifyNew } from './verify-passkey.ts';

/** What the browser makes a passkey with. Throws what `proveOneself` does, `forbidden` where there are none, `too_large`. */
export async function startPasskey(deps: AccountDeps, self: Oneself, proof: ProveOneself): Promise<PasskeyCreation> {
  const { rpId } = siteOf(deps);
  const { tid, uid, email } = await proveOneself(deps, self, proof);
  const [{ name }, displayName, present] = await Promise.all([
    findTenant(deps.sql, tid),
    displayNameOf(deps.sql, uid),
    db(deps.sql).select({ id: passkeys.credentialId }).from(passkeys).where(isOwn(self)),
  ]);
  checkRoom(present.length);
  return {
    rp: { id: rpId, name },
    user: { id: userHandleOf(uid), name: email, displayName },
    challenge: deps.challenges.make({ tid, uid }, deps.clock.now()),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: CHALLENGE_MS,
    excludeCredentials: present.map(({ id }) => ({ type: 'public-key', id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  };
}

/**
 * Adds what the browser has made. The password was given for its challenge. Throws `bad_request` for what does not fit the
 * challenge, the site or the rules, `conflict` for a credential that is there already, `too_large`.
 */
export async function confirmPasskey(
  deps: AccountDeps,
  self: Oneself,
  { name, credential }: ConfirmPasskey,
): Promise<Passkey> {
  const site = siteOf(deps);
  const { tid, uid } = self;
  const { email, locale } = await ownAccount(deps, self);
  const isExpected = (challenge: string) => deps.challenges.counts(challenge, { tid, uid }, deps.clock.now());
  const verified = await verifyNew(site, credential, isExpected);
  if (verified === undefined) throw refused();
  const { challenge, ...made } = verified;
  return deps.sql.begin(async (tx) => {
    await lockAccount(tx, self);
    if (!(await spendChallenge(tx, tid, challenge))) throw refused();
    checkRoom(await db(tx).$count(passkeys, isOwn(self)));
    const [row] = await db(tx)
      .insert(passkeys)
      .values({ id: randomUUID(), tenantId: tid, userId: uid, name, ...made })
      .onConflictDoNothing({ target: [passkeys.tenantId, passkeys.credentialId] })
      .returning({ passkeyId: passkeys.id, createdAt: millis(passkeys.createdAt) });
    if (row === undefined) throw new ChatError('conflict', 'this passkey is there already');
    if (deps.hasMail) await askForMail(tx, tid, { about: 'passkey_added', email, locale });
    await auditPasskey(tx, self, 'add_passkey', row.passkeyId);
    return { ...row, name, lastUsedAt: null };
  });
}

const refused = () =>
  new ChatError('bad_request', 'credential: does not fit what was asked for, or is too late: begin again');

function checkRoom(count: number): void {
  if (count < LIMITS.passkeysPerUser) return;
  throw new ChatError('too_large', `more than ${LIMITS.passkeysPerUser} passkeys`);
}

async function displayNameOf(sql: Sql, uid: string): Promise<string> {
  const [user] = await db(sql).select({ displayName: users.displayName }).from(users).where(eq(users.id, uid));
  return user?.displayName ?? '';
}

/** So that of two who add at once the second one counts the first. Throws `not_found` for an account that is gone meanwhile. */
async function lockAccount(tx: Transaction, { tid, uid }: Oneself): Promise<void> {
  const isIt = and(eq(accounts.tenantId, tid), eq(accounts.userId, uid));
  const [row] = await db(tx).select({ uid: accounts.userId }).from(accounts).where(isIt).for('update');
  if (row === undefined) throw new ChatError('not_found', 'the account is gone');
}
