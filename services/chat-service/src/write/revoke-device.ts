import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';
import type { Announcer } from './announce.ts';

/**
 * Tokens of the device made until now stop working, and its sessions end. A device needs no row for that: only tokens
 * minted here leave one, those that a tenant signs or a key set vouches for do not. Throws `not_found` for an unknown user.
 */
export async function revokeDevice(
  sql: Sql,
  announcer: Announcer,
  user: { readonly tid: string; readonly uid: string },
  clientId: string,
): Promise<void> {
  const { tid, uid } = user;
  const [revoked] = await sql`
    insert into devices (tenant_id, user_id, client_id, revoked_at)
    select tenant_id, id, ${clientId}, clock_timestamp() from users where tenant_id = ${tid} and id = ${uid}
    on conflict (user_id, client_id) do update set revoked_at = clock_timestamp()
    returning client_id`;
  if (revoked === undefined) throw new ChatError('not_found', 'no such user');
  announcer.user(tid, uid, { v: 1, event: 'revoked', clientId });
}
