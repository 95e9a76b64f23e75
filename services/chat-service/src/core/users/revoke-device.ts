import { ChatError } from '@messagecore/protocol';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { next } from '../../platform/database/expressions.ts';
import { commitWithEvents, type Emit, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { endAllTokens, evictDevices } from './end-tokens.ts';
import { users } from './tables.ts';
import { isUser } from './user-queries.ts';

interface UserOfTenant {
  readonly tid: string;
  readonly uid: string;
}

/**
 * Tokens of the device made until now stop working, and its sessions end. A device needs no row for that: only tokens
 * minted here leave one, those that a tenant signs or a key set vouches for do not. Throws `not_found` for an unknown user.
 */
export function revokeDevice(
  sql: Sql,
  publishEvents: PublishEvents,
  user: UserOfTenant,
  clientId: string,
): Promise<void> {
  return commitWithEvents(sql, publishEvents, (tx, emit) => endDevice(tx, emit, user, clientId));
}

/** The same in a transaction. */
export async function endDevice(
  tx: Transaction,
  emit: Emit,
  { tid, uid }: UserOfTenant,
  clientId: string,
): Promise<void> {
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
}

/** Every token and session of the user ends, those without a device too. Throws `not_found` for an unknown user. */
export function revokeAllDevices(sql: Sql, publishEvents: PublishEvents, user: UserOfTenant): Promise<void> {
  return commitWithEvents(sql, publishEvents, (tx, emit) => endAllDevices(tx, emit, user));
}

/** The same in a transaction. */
export async function endAllDevices(tx: Transaction, emit: Emit, { tid, uid }: UserOfTenant): Promise<void> {
  const [user] = await db(tx).select({ id: users.id }).from(users).where(isUser(tid, uid)).for('no key update');
  if (user === undefined) throw new ChatError('not_found', 'no such user');
  await endAllTokens(tx, uid);
  await emit(userEvent(tid, uid, { v: 1, event: 'revoked' }));
}
