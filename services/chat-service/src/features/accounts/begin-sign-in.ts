import { randomUUID } from 'node:crypto';
import type { SignedIn } from '@messagecore/protocol/features';
import { registerDevice } from '../../core/users/register-device.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, millis, now } from '../../platform/database/expressions.ts';
import type { AccountTenant } from './account-tenant.ts';
import type { AccountDeps } from './deps.ts';
import { signIns } from './tables.ts';

export interface SigningIn {
  readonly uid: string;
  /** The device; a new one when left out. */
  readonly clientId: string | undefined;
  readonly address: string;
}

/**
 * Signs a user in on a device, whose earlier sign-in this replaces. Whoever calls this has proved who the user is. Throws
 * `forbidden` for a user who is deactivated.
 */
export async function beginSignIn(
  deps: AccountDeps,
  { tid, settings }: AccountTenant,
  { uid, clientId = randomUUID(), address }: SigningIn,
): Promise<SignedIn> {
  const { sql, publishEvents } = deps;
  const generation = await registerDevice(sql, publishEvents, { tid, uid }, clientId);
  const id = randomUUID();
  const expiresAt = fromNow(settings.refreshTokenSeconds * 1_000);
  const fresh = { id, generation, rotation: 1, address, expiresAt };
  const refreshExpiresAt = await sql.begin(async (tx) => {
    const [row] = await db(tx)
      .insert(signIns)
      .values({ tenantId: tid, userId: uid, clientId, ...fresh })
      .onConflictDoUpdate({
        target: [signIns.userId, signIns.clientId],
        set: { ...fresh, signedInAt: now(), refreshedAt: now() },
      })
      .returning({ expiresAt: millis(signIns.expiresAt) });
    await appendAudit(tx, tid, { action: 'sign_in', actor: `user:${uid}`, address, target: `device:${clientId}` });
    return row?.expiresAt ?? 0;
  });
  const signIn = { id, uid, clientId, generation, rotation: 1, refreshExpiresAt };
  return tokensOf(deps, { tid, settings }, signIn);
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
