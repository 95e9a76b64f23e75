import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import type { Announcer } from '../outbox/announcer.ts';
import { endAllTokens, evictDevices } from './end-tokens.ts';

interface UserOfTenant {
  readonly tid: string;
  readonly uid: string;
}

/**
 * Tokens of the device made until now stop working, and its sessions end. A device needs no row for that: only tokens
 * minted here leave one, those that a tenant signs or a key set vouches for do not. Throws `not_found` for an unknown user.
 */
export async function revokeDevice(
  sql: Sql,
  announcer: Announcer,
  { tid, uid }: UserOfTenant,
  clientId: string,
): Promise<void> {
  const out = await sql.begin(async (tx) => {
    const [user] = await tx<{ generation: number }[]>`
      update users set generation = generation + 1
      where tenant_id = ${tid} and id = ${uid} and status <> 'deleted' returning generation`;
    if (user === undefined) throw new ChatError('not_found', 'no such user');
    await tx`
      insert into devices (tenant_id, user_id, client_id, generation, revoked_at, numbered_at)
      select ${tid}::uuid, ${uid}::uuid, ${clientId}, ${user.generation}::bigint, now, now from clock_timestamp() as now
      on conflict (user_id, client_id) do update
        set generation = excluded.generation, revoked_at = excluded.revoked_at, numbered_at = excluded.numbered_at`;
    return evictDevices(tx, uid, clientId);
  });
  for (const ended of [clientId, ...out]) announcer.user(tid, uid, { v: 1, event: 'revoked', clientId: ended });
}

/** Every token and session of the user ends, those without a device too. Throws `not_found` for an unknown user. */
export async function revokeAllDevices(sql: Sql, announcer: Announcer, { tid, uid }: UserOfTenant): Promise<void> {
  await sql.begin(async (tx) => {
    const [user] = await tx`
      select from users where tenant_id = ${tid} and id = ${uid} and status <> 'deleted' for no key update`;
    if (user === undefined) throw new ChatError('not_found', 'no such user');
    await endAllTokens(tx, uid);
  });
  announcer.user(tid, uid, { v: 1, event: 'revoked' });
}
