/**
 * The next tokens of a sign-in, for the refresh token that counts.
 *
 * Invariant: a refresh token gets the next one once. Within `GRACE_MS` of that it gets the same one again, for a client
 * whose answer was lost or that asked twice; later whoever uses it has stolen it, or was stolen from, so that the
 * sign-in ends, with the tokens and sessions of its device.
 */
import { ChatError } from '@messagecore/protocol';
import type { SignedIn } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Emit } from '../../core/outbox/emit.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { endDevice } from '../../core/users/revoke-device.ts';
import { devices, users } from '../../core/users/tables.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAhead, millis, momentOf, next, now } from '../../platform/database/expressions.ts';
import { findTenant } from './account-tenant.ts';
import { PROVIDER_SIGN_IN_MS, tokensOf } from './begin-sign-in.ts';
import type { AccountDeps } from './deps.ts';
import { isItsDevice } from './its-device.ts';
import type { RefreshClaims } from './refresh-tokens.ts';
import { signIns } from './tables.ts';

const GRACE_MS = 10_000;

/** Throws `unauthorized` whatever is wrong with the token or the identity provider, `tenant_suspended`, `forbidden` for a deactivated user. */
export async function refreshSignIn(deps: AccountDeps, refreshToken: string, address: string): Promise<SignedIn> {
  const claims = readClaims(deps, refreshToken);
  const answer = await commitWithEvents(deps.sql, deps.publishEvents, async (tx, emit) => {
    const signIn = await lockSignIn(tx, claims.id);
    if (signIn === undefined || claims.rotation > signIn.rotation) throw signedOut();
    await checkProvider(deps, tx, signIn);
    const tenant = await findTenant(tx, signIn.tid);
    if (signIn.status === 'deactivated') throw new ChatError('forbidden', 'the user is deactivated');
    if (claims.rotation === signIn.rotation) {
      const rotated = await rotate(tx, signIn, tenant.settings.refreshTokenSeconds, address);
      return tokensOf(deps, tenant, { ...signIn, ...rotated });
    }
    const isRepeat = claims.rotation === signIn.rotation - 1 && signIn.now - signIn.refreshedAt <= GRACE_MS;
    if (isRepeat) return tokensOf(deps, tenant, signIn);
    await endReused(tx, emit, signIn, address);
    return undefined;
  });
  if (answer === undefined) throw signedOut();
  return answer;
}

const signedOut = () => new ChatError('unauthorized', 'the refresh token is unknown, used or too old');

/** Throws `unauthorized` for what was not issued here. */
export function readClaims({ refreshTokens }: Pick<AccountDeps, 'refreshTokens'>, token: string): RefreshClaims {
  const claims = refreshTokens.read(token);
  if (claims === undefined) throw signedOut();
  return claims;
}

type LockedSignIn = NonNullable<Awaited<ReturnType<typeof lockSignIn>>>;

/** A sign-in that has not ended: neither too old nor its device revoked. Other refreshes of it wait. */
export async function lockSignIn(tx: Transaction, id: string) {
  const [row] = await db(tx)
    .select({
      ...{ id: signIns.id, tid: signIns.tenantId, uid: signIns.userId, clientId: signIns.clientId },
      ...{ generation: signIns.generation, rotation: signIns.rotation, status: users.status },
      ...{ refreshedAt: millis(signIns.refreshedAt), refreshExpiresAt: millis(signIns.expiresAt) },
      ...{ providerId: signIns.providerId, signedInAt: millis(signIns.signedInAt) },
    })
    .from(signIns)
    .innerJoin(users, eq(users.id, signIns.userId))
    .innerJoin(devices, isItsDevice)
    .where(and(eq(signIns.id, id), isAhead(signIns.expiresAt)))
    .for('update', { of: signIns });
  if (row === undefined) return undefined;
  return { ...row, now: await databaseNow(tx) };
}

/** Raw SQL: of no table. After the wait for the lock, so that it is later than what the lock was held for. */
async function databaseNow(tx: Transaction): Promise<number> {
  const [row] = await tx<{ now: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  return row?.now ?? 0;
}

/** Its sign-ins end a little later, by a job. */
async function checkProvider({ stillLetsIn }: AccountDeps, tx: Transaction, signIn: LockedSignIn): Promise<void> {
  const { tid, uid, providerId, signedInAt } = signIn;
  if (providerId !== null && !(await stillLetsIn(tx, { tid, uid, providerId, signedInAt }))) throw signedOut();
}

/** A sign-in by a provider ends so long after it began, at the latest. */
async function rotate(tx: Transaction, signIn: LockedSignIn, ttlSeconds: number, address: string) {
  const { id, providerId, signedInAt } = signIn;
  const latest = providerId === null ? Infinity : signedInAt + PROVIDER_SIGN_IN_MS;
  const expiresAt = momentOf(Math.min(signIn.now + ttlSeconds * 1_000, latest));
  const [row] = await db(tx)
    .update(signIns)
    .set({ rotation: next(signIns.rotation), refreshedAt: now(), expiresAt, address })
    .where(eq(signIns.id, id))
    .returning({ rotation: signIns.rotation, refreshExpiresAt: millis(signIns.expiresAt) });
  if (row === undefined) throw signedOut();
  return row;
}

async function endReused(tx: Transaction, emit: Emit, signIn: LockedSignIn, address: string): Promise<void> {
  const { id, tid, uid, clientId } = signIn;
  await db(tx).delete(signIns).where(eq(signIns.id, id));
  await endDevice(tx, emit, { tid, uid }, clientId);
  await appendAudit(tx, tid, {
    ...{ action: 'reuse_refresh_token', actor: `user:${uid}`, address, target: `device:${clientId}` },
  });
}
