import { randomUUID } from 'node:crypto';
import type { SignedIn } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { useDevice } from '../../core/users/register-device.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, millis, now } from '../../platform/database/expressions.ts';
import type { AccountTenant } from './account-tenant.ts';
import type { AccountDeps } from './deps.ts';
import { signIns } from './tables.ts';

/** A provider is asked anew at the latest after so long, however often a sign-in by it is refreshed. */
export const PROVIDER_SIGN_IN_MS = 30 * 24 * 3_600_000;

export interface SigningIn {
  readonly uid: string;
  /** The device; a new one when left out. */
  readonly clientId: string | undefined;
  readonly address: string;
  /** The identity provider that says who the user is; left out for a password. */
  readonly providerId?: string;
}

/** Throws when what proved who the user is holds no more. Runs when the user is locked, so that it holds until the commit. */
export type CheckSignIn = (tx: Transaction) => Promise<void>;

/**
 * Signs a user in on a device, whose earlier sign-in this replaces. Whoever calls this has proved who the user is. Throws
 * `forbidden` for a user who is deactivated, and what `check` throws.
 */
export async function beginSignIn(
  deps: AccountDeps,
  { tid, settings }: AccountTenant,
  { uid, clientId = randomUUID(), address, providerId }: SigningIn,
  check: CheckSignIn,
): Promise<SignedIn> {
  const id = randomUUID();
  const signIn = await commitWithEvents(deps.sql, deps.publishEvents, async (tx, emit) => {
    await lockPresent(tx, uid, clientId);
    const generation = await useDevice(tx, emit, { tid, uid }, clientId);
    await check(tx);
    const expiresAt = fromNow(
      Math.min(settings.refreshTokenSeconds * 1_000, providerId ? PROVIDER_SIGN_IN_MS : Infinity),
    );
    const fresh = { id, generation, rotation: 1, address, expiresAt, providerId: providerId ?? null };
    const [row] = await db(tx)
      .insert(signIns)
      .values({ tenantId: tid, userId: uid, clientId, ...fresh })
      .onConflictDoUpdate({
        target: [signIns.userId, signIns.clientId],
        set: { ...fresh, signedInAt: now(), refreshedAt: now() },
      })
      .returning({ expiresAt: millis(signIns.expiresAt) });
    await appendAudit(tx, tid, { action: 'sign_in', actor: `user:${uid}`, address, target: `device:${clientId}` });
    return { id, uid, clientId, generation, rotation: 1, refreshExpiresAt: row?.expiresAt ?? 0 };
  });
  return tokensOf(deps, { tid, settings }, signIn);
}

/** Before the user, as all do who end a sign-in. */
async function lockPresent(tx: Transaction, uid: string, clientId: string): Promise<void> {
  await db(tx)
    .select({ id: signIns.id })
    .from(signIns)
    .where(and(eq(signIns.userId, uid), eq(signIns.clientId, clientId)))
    .for('update');
}

export interface CurrentSignIn {
  readonly id: string;
  readonly uid: string;
  readonly clientId: string;
  readonly generation: number;
  readonly rotation: number;
  readonly refreshExpiresAt: number;
}

/** The tokens of a sign-in as it is now. */
export function tokensOf(
  { tokens, refreshTokens, clock }: AccountDeps,
  { tid, settings }: Pick<AccountTenant, 'tid' | 'settings'>,
  { id, uid, clientId, generation, rotation, refreshExpiresAt }: CurrentSignIn,
): SignedIn {
  const access = { tid, uid, clientId, generation, ttlSeconds: settings.accessTokenSeconds };
  const { token, expiresAt } = tokens.mint(access, clock.now());
  return {
    ...{ userId: uid, clientId, token, expiresAt },
    ...{ refreshToken: refreshTokens.issue({ id, rotation }), refreshExpiresAt: Math.round(refreshExpiresAt) },
  };
}
