import { ChatError } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { next } from '../../platform/database/expressions.ts';
import type { Reader } from '../identity/caller.ts';
import { commitWithEvents, type Emit, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { endAllTokens, evictDevices } from './end-tokens.ts';
import { auditUser } from './audit-user.ts';
import { checkReaches } from './check-reaches.ts';
import { devices, users } from './tables.ts';
import { isUser } from './user-queries.ts';

interface UserOfTenant {
  readonly tid: string;
  readonly uid: string;
}

/** The user, or the back end that acts for them. */
type UserWhoAsks = Reader & UserOfTenant;

interface GivenOut {
  readonly generation: number;
}

/**
 * Tokens of the device made until now stop working, and its sessions end. A device needs no row for that: only tokens
 * minted here leave one, those that a tenant signs or a key set vouches for do not. Throws `not_found` for an unknown user,
 * `forbidden` for a key that does not reach them.
 */
export function revokeDevice(
  sql: Sql,
  publishEvents: PublishEvents,
  user: UserWhoAsks,
  clientId: string,
): Promise<void> {
  const { uid: userId } = user;
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await checkReaches(tx, user, user);
    const before = await tokensOf(tx, userId, clientId);
    const generation = await endDevice(tx, emit, user, clientId);
    const change = { before: { userId, ...before }, after: { userId, generation } };
    await auditUser(tx, user, { action: 'revoke_device', target: `device:${clientId}`, ...change });
  });
}

/** Before the device is revoked: the number that its tokens carry. Nothing where it has no row. */
async function tokensOf(tx: Transaction, uid: string, clientId: string): Promise<object | undefined> {
  const isDevice = and(eq(devices.userId, uid), eq(devices.clientId, clientId));
  const [device] = await db(tx).select({ generation: devices.generation }).from(devices).where(isDevice);
  return device;
}

/** The same in a transaction, and unrecorded. Returns the number below which the device's tokens are refused. */
export async function endDevice(
  tx: Transaction,
  emit: Emit,
  { tid, uid }: UserOfTenant,
  clientId: string,
): Promise<number> {
  const [user] = await db(tx)
    .update(users)
    .set({ generation: next(users.generation) })
    .where(isUser(tid, uid))
    .returning({ generation: users.generation });
  if (user === undefined) throw new ChatError('not_found', 'no such user');
  // Raw SQL: two columns take one reading of the clock.
  await tx`
    insert into devices (tenant_id, user_id, client_id, generation, revoked_at, numbered_at)
    select ${tid}::uuid, ${uid}::uuid, ${clientId}, ${user.generation}::bigint, now, now from clock_timestamp() as now
    on conflict (user_id, client_id) do update
      set generation = excluded.generation, revoked_at = excluded.revoked_at, numbered_at = excluded.numbered_at`;
  const out = await evictDevices(tx, uid, clientId);
  const revoked = [clientId, ...out].map((id) => userEvent(tid, uid, { v: 1, event: 'revoked', clientId: id }));
  await emit(...revoked);
  return user.generation;
}

/** Every token and session of the user ends, those without a device too. Throws as `revokeDevice` does. */
export function revokeAllDevices(sql: Sql, publishEvents: PublishEvents, user: UserWhoAsks): Promise<void> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await checkReaches(tx, user, user);
    const before = await endAllDevices(tx, emit, user);
    const after = { generation: before.generation + 1 };
    await auditUser(tx, user, { action: 'revoke_all_devices', target: `user:${user.uid}`, before, after });
  });
}

/** The same in a transaction, and unrecorded. Returns the number up to which tokens were given out. */
export async function endAllDevices(tx: Transaction, emit: Emit, { tid, uid }: UserOfTenant): Promise<GivenOut> {
  const [user] = await db(tx)
    .select({ generation: users.generation })
    .from(users)
    .where(isUser(tid, uid))
    .for('no key update');
  if (user === undefined) throw new ChatError('not_found', 'no such user');
  await endAllTokens(tx, uid);
  await emit(userEvent(tid, uid, { v: 1, event: 'revoked' }));
  return user;
}
