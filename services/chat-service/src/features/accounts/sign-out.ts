import { eq } from '../../platform/database/drizzle.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { settleWrites } from '../../core/outbox/settle-writes.ts';
import { endDevice } from '../../core/users/revoke-device.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import { db } from '../../platform/database/db.ts';
import type { AccountDeps } from './deps.ts';
import { lockSignIn, readClaims } from './refresh-sign-in.ts';
import { signIns } from './tables.ts';

/**
 * Ends the sign-in of a refresh token, with the tokens and sessions of its device. When it has ended, as for a repeat of what was
 * answered with `unavailable`, settles when nothing is stored by its tokens any more. Throws `unauthorized` for a token that was
 * not issued here.
 */
export async function signOut(deps: AccountDeps, refreshToken: string, address: string): Promise<void> {
  const { id } = readClaims(deps, refreshToken);
  const isEnded = await commitWithEvents(deps.sql, deps.publishEvents, async (tx, emit) => {
    const signIn = await lockSignIn(tx, id);
    if (signIn === undefined || signIn.status === 'deleted') return false;
    const { tid, uid, clientId } = signIn;
    await db(tx).delete(signIns).where(eq(signIns.id, id));
    await endDevice(tx, emit, { tid, uid }, clientId);
    await appendAudit(tx, tid, { action: 'sign_out', actor: `user:${uid}`, address, target: `device:${clientId}` });
    return true;
  });
  if (!isEnded) await settleWrites(deps.sql);
}
