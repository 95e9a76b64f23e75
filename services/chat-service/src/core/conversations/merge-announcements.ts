/**
 * What a merge changes in a conversation is told to the room and to those whom it is about; no `sys` message reports it.
 *
 * Raw SQL: the next version of memberships, as in conversation-transaction.ts.
 */
import type { ConvEvent } from '@messagecore/protocol/bus';
import { emit } from '../outbox/emit.ts';
import { conversationEvent, usersEvents } from '../outbox/events.ts';
import type { Place } from './conversation-transaction.ts';

interface Told {
  readonly event: ConvEvent['event'];
  readonly users: readonly string[];
  readonly mutedUntil?: number | null;
}

/** Raises the version of memberships by one, and tells of one change. */
export async function announceOf({ tx, tid, cid }: Place, { event, users, mutedUntil }: Told): Promise<void> {
  const [row] = await tx<{ access: number }[]>`
    update conversations set access_rev = access_rev + 1, updated_at = now() where conversation_id = ${cid}
    returning access_rev as access`;
  const access = row?.access ?? 0;
  const muted = mutedUntil === undefined ? {} : { mutedUntil };
  await emit(tx, [
    conversationEvent({ tid, cid, event, users: [...users], ...muted, access }),
    ...usersEvents({ tid, cid }, users, { v: 1, event: 'conv', cid, conv: event, access }),
  ]);
}
