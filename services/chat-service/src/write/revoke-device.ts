import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';
import type { Announcer } from './announce.ts';

/** Tokens of the device made until now stop working, and its sessions end. Throws `not_found`. */
export async function revokeDevice(
  sql: Sql,
  announcer: Announcer,
  user: { readonly tid: string; readonly uid: string },
  clientId: string,
): Promise<void> {
  const { tid, uid } = user;
  const [revoked] = await sql`
    update devices set revoked_at = clock_timestamp()
    where tenant_id = ${tid} and user_id = ${uid} and client_id = ${clientId} returning client_id`;
  if (revoked === undefined) throw new ChatError('not_found', 'no such device');
  announcer.user(tid, uid, { v: 1, event: 'revoked', clientId });
}
