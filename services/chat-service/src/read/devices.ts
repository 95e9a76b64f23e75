import type { Device } from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';

/** The user's devices, the one seen last first. */
export async function listDevices(sql: Sql, user: { readonly tid: string; readonly uid: string }): Promise<Device[]> {
  return sql<Device[]>`
    select client_id as "clientId", platform, (extract(epoch from created_at) * 1000)::float8 as "createdAt",
      (extract(epoch from last_seen_at) * 1000)::float8 as "lastSeenAt",
      (extract(epoch from revoked_at) * 1000)::float8 as "revokedAt"
    from devices where tenant_id = ${user.tid} and user_id = ${user.uid}
    order by last_seen_at desc, client_id limit 200`;
}
