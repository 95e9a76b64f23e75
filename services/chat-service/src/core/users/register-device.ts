import { ChatError } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { commitWithEvents, type Emit, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { evictDevices } from './end-tokens.ts';
import { devices, users } from './tables.ts';

interface UserOfTenant {
  readonly tid: string;
  readonly uid: string;
}

const isActive = ({ tid, uid }: UserOfTenant) =>
  and(eq(users.id, uid), eq(users.tenantId, tid), eq(users.status, 'active'));

/**
 * Records that the device is in use and returns the generation that its tokens carry. A new device may evict the least
 * recently used one, whose sessions end. Throws `forbidden` for a user who is not active.
 */
export async function registerDevice(
  sql: Sql,
  publishEvents: PublishEvents,
  user: UserOfTenant,
  clientId: string,
): Promise<number> {
  const known = await useKnown(sql, user, clientId);
  return known ?? commitWithEvents(sql, publishEvents, (tx, emit) => useDevice(tx, emit, user, clientId));
}

/** Undefined for a new device, and for whoever is not active: a deactivation waits for this statement, or this one for it. */
async function useKnown(sql: Sql, user: UserOfTenant, clientId: string): Promise<number | undefined> {
  const active = db(sql)
    .$with('active')
    .as(db(sql).select({ id: users.id }).from(users).where(isActive(user)).for('share'));
  const [known] = await db(sql)
    .with(active)
    .update(devices)
    .set({ lastSeenAt: now() })
    .from(active)
    .where(and(eq(devices.userId, active.id), eq(devices.clientId, clientId)))
    .returning({ generation: devices.generation });
  return known?.generation;
}

/** The same in a transaction, which then holds the lock of the user. */
export async function useDevice(tx: Transaction, emit: Emit, user: UserOfTenant, clientId: string): Promise<number> {
  const { tid, uid } = user;
  const [active] = await db(tx)
    .select({ generation: users.generation })
    .from(users)
    .where(isActive(user))
    .for('no key update');
  if (active === undefined) throw new ChatError('forbidden', 'the user is deactivated');
  const { generation } = active;
  const [device] = await db(tx)
    .insert(devices)
    .values({ tenantId: tid, userId: uid, clientId, generation })
    .onConflictDoUpdate({ target: [devices.userId, devices.clientId], set: { lastSeenAt: now() } })
    .returning({ generation: devices.generation });
  const out = await evictDevices(tx, uid, clientId);
  await emit(...out.map((old) => userEvent(tid, uid, { v: 1, event: 'revoked', clientId: old })));
  return device?.generation ?? generation;
}
