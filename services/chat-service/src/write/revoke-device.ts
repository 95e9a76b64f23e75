import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';
import type { Limits } from '../limits/limits.ts';
import type { Announcer } from './announce.ts';
import { underLimit } from './under-limit.ts';

/** In sends: it leaves a row, and every gateway that holds a session of the user looks at its sessions. */
const COST = 5;

/**
 * Tokens of the device made until now stop working, and its sessions end. A device needs no row for that: only tokens
 * minted here leave one, those that a tenant signs or a key set vouches for do not. Throws `not_found` for an unknown user,
 * `rate_limited`.
 */
export function revokeDevice(
  deps: { readonly sql: Sql; readonly announcer: Announcer; readonly limits: Pick<Limits, 'take' | 'giveBack'> },
  user: { readonly tid: string; readonly uid: string },
  clientId: string,
): Promise<void> {
  const { tid, uid } = user;
  return underLimit(deps.limits, { tid, uid, cost: COST }, () => revoke(deps, user, clientId));
}

async function revoke(
  { sql, announcer }: { readonly sql: Sql; readonly announcer: Announcer },
  { tid, uid }: { readonly tid: string; readonly uid: string },
  clientId: string,
): Promise<void> {
  const [revoked] = await sql`
    insert into devices (tenant_id, user_id, client_id, revoked_at)
    select tenant_id, id, ${clientId}, clock_timestamp() from users where tenant_id = ${tid} and id = ${uid}
    on conflict (user_id, client_id) do update set revoked_at = clock_timestamp()
    returning client_id`;
  if (revoked === undefined) throw new ChatError('not_found', 'no such user');
  announcer.user(tid, uid, { v: 1, event: 'revoked', clientId });
}
