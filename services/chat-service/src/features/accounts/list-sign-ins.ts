import { LIMITS } from '@messagecore/protocol';
import type { SignInEntry } from '@messagecore/protocol/features';
import { and, desc, eq } from '../../platform/database/drizzle.ts';
import { devices } from '../../core/users/tables.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAhead, millis } from '../../platform/database/expressions.ts';
import type { Oneself } from '../../platform/operations/types.ts';
import { isItsDevice } from './its-device.ts';
import { signIns } from './tables.ts';

/** The devices on which the user is signed in, the one that was used last first. */
export async function listSignIns(sql: Sql, { tid, uid, clientId }: Oneself): Promise<SignInEntry[]> {
  const rows = await db(sql)
    .select({
      ...{ clientId: signIns.clientId, address: signIns.address, signedInAt: millis(signIns.signedInAt) },
      ...{ refreshedAt: millis(signIns.refreshedAt), expiresAt: millis(signIns.expiresAt) },
    })
    .from(signIns)
    .innerJoin(devices, isItsDevice)
    .where(and(eq(signIns.tenantId, tid), eq(signIns.userId, uid), isAhead(signIns.expiresAt)))
    .orderBy(desc(signIns.refreshedAt))
    .limit(LIMITS.devicesPerUser);
  return rows.map((row) => ({ ...row, current: row.clientId === clientId }));
}
