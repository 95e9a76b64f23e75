import { ChatError } from '@messagecore/protocol';
import { and, eq } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { evictDevices } from './end-tokens.ts';
import { devices, users } from './tables.ts';

/**
 * Records that the device is in use and returns the generation that its tokens carry. A new device may evict the least
 * recently used one, whose sessions end. Throws `forbidden` for a user who is not active.
 */
export async function registerDevice(
  sql: Sql,
  publishEvents: PublishEvents,
  { tid, uid }: { readonly tid: string; readonly uid: string },
  clientId: string,
): Promise<number> {
  const [known] = await db(sql)
    .update(devices)
    .set({ lastSeenAt: now() })
    .where(and(eq(devices.userId, uid), eq(devices.clientId, clientId)))
    .returning({ generation: devices.generation });
  if (known !== undefined) return known.generation;
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [user] = await db(tx)
      .select({ generation: users.generation })
      .from(users)
      .where(and(eq(users.id, uid), eq(users.tenantId, tid), eq(users.status, 'active')))
      .for('no key update');
    if (user === undefined) throw new ChatError('forbidden', 'the user is deactivated');
    const [device] = await db(tx)
      .insert(devices)
      .values({ tenantId: tid, userId: uid, clientId, generation: user.generation })
      .onConflictDoUpdate({ target: [devices.userId, devices.clientId], set: { lastSeenAt: now() } })
      .returning({ generation: devices.generation });
    const out = await evictDevices(tx, uid, clientId);
    await emit(...out.map((old) => userEvent(tid, uid, { v: 1, event: 'revoked', clientId: old })));
    return device?.generation ?? user.generation;
  });
}
