import { and, eq, lte, sql as part } from '../../platform/database/drizzle.ts';
import { emit, type Emit } from '../../core/outbox/emit.ts';
import { endDevice } from '../../core/users/revoke-device.ts';
import { devices, users } from '../../core/users/tables.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { isItsDevice } from './its-device.ts';
import { signIns } from './tables.ts';

export interface ProviderSignIns {
  readonly tid: string;
  /** All users' when left out. */
  readonly uid?: string;
  readonly providerId: string;
  /** Those that began at this moment or before; all when left out. */
  readonly until?: Date;
}

/**
 * Ends up to `most` sign-ins by an identity provider, with the tokens and sessions of their devices, unless those were revoked
 * or their users erased since. Returns how many.
 */
export async function endSignInsBy(
  tx: Transaction,
  { tid, uid: of, providerId, until }: ProviderSignIns,
  most: number,
): Promise<number> {
  const { id, userId: uid, clientId } = signIns;
  const ended = await db(tx)
    .select({
      id,
      uid,
      clientId,
      counts: part<boolean>`${devices.userId} is not null and ${users.status} <> 'deleted'`,
    })
    .from(signIns)
    .innerJoin(users, eq(users.id, uid))
    .leftJoin(devices, isItsDevice)
    .where(
      and(
        ...[eq(signIns.tenantId, tid), eq(signIns.providerId, providerId)],
        until && lte(signIns.signedInAt, until),
        of === undefined ? undefined : eq(uid, of),
      ),
    )
    .orderBy(id)
    .limit(most)
    .for('update', { of: signIns });
  const tell: Emit = async (...events) => void (await emit(tx, events));
  const ids = ended.map((each) => each.id);
  await db(tx).delete(signIns).where(isAnyOf(id, ids));
  const counting = ended.filter(({ counts }) => counts);
  for (const each of counting.toSorted((one, other) => (one.uid < other.uid ? -1 : 1))) {
    await endDevice(tx, tell, { tid, uid: each.uid }, each.clientId);
  }
  return ended.length;
}
