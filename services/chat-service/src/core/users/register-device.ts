import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userEvent } from '../outbox/events.ts';
import { evictDevices } from './end-tokens.ts';

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
  const [known] = await sql<{ generation: number }[]>`
    update devices set last_seen_at = now() where user_id = ${uid} and client_id = ${clientId} returning generation`;
  if (known !== undefined) return known.generation;
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [user] = await tx<{ generation: number }[]>`
      select generation from users where id = ${uid} and tenant_id = ${tid} and status = 'active' for no key update`;
    if (user === undefined) throw new ChatError('forbidden', 'the user is deactivated');
    const [device] = await tx<{ generation: number }[]>`
      insert into devices (tenant_id, user_id, client_id, generation)
      values (${tid}, ${uid}, ${clientId}, ${user.generation})
      on conflict (user_id, client_id) do update set last_seen_at = now() returning generation`;
    const out = await evictDevices(tx, uid, clientId);
    await emit(...out.map((old) => userEvent(tid, uid, { v: 1, event: 'revoked', clientId: old })));
    return device?.generation ?? user.generation;
  });
}
