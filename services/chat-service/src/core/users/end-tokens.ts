/**
 * Revocation of tokens: the numbers and times that identity/revocation.ts compares.
 *
 * Raw SQL: statements of several parts, and columns that take one reading of the clock.
 */
import { LIMITS } from '@messagecore/protocol';
import type { Transaction } from '../../platform/database/connect.ts';

/** Ends every token of a user whose row this transaction has locked. */
export async function endAllTokens(tx: Transaction, uid: string): Promise<void> {
  const [user] = await tx<{ generation: number }[]>`
    update users
    set generation = generation + 1, tokens_generation = generation + 1, tokens_revoked_at = clock_timestamp()
    where id = ${uid} returning generation`;
  await tx`
    update devices set generation = ${user?.generation ?? 0}::bigint, revoked_at = now, numbered_at = now
    from clock_timestamp() as now where user_id = ${uid}`;
}

/**
 * Deletes the devices beyond the bound, the least recently used first, and returns their ids. Their tokens are refused,
 * as they have no row any more. Their revocations are kept at the user: a later row of the same device gets another
 * generation, and foreign tokens are compared with the latest deleted time. The transaction must have locked the user's
 * row.
 */
export async function evictDevices(tx: Transaction, uid: string, newest: string): Promise<string[]> {
  const out = await tx<{ clientId: string }[]>`
    with ranked as (
      select client_id, row_number() over (
        order by client_id = ${newest} desc, greatest(last_seen_at, revoked_at) desc, client_id
      ) as place
      from devices where user_id = ${uid}
    ), out as (
      delete from devices d using ranked r
      where d.user_id = ${uid} and d.client_id = r.client_id and r.place > ${LIMITS.devicesPerUser}
      returning d.client_id, d.revoked_at
    ), noted as (
      update users set generation = generation + 1,
        tokens_revoked_at = greatest(tokens_revoked_at, (select max(revoked_at) from out))
      where id = ${uid} and exists (select from out)
    )
    select client_id as "clientId" from out`;
  return out.map(({ clientId }) => clientId);
}
