import { isRpcError, RPC_BATCH } from '@messagecore/protocol';
import type { Upstream } from './ports.ts';
import type { Room } from './room.ts';

/**
 * Compares every room that has members with the record: finds a last message, a last change or a change of membership
 * that the bus lost and that nothing after it would show. One pass is one or a few requests, `RPC_BATCH` rooms each.
 *
 * Rejects when chat-services cannot be asked; rooms after that point wait for the next pass.
 */
export async function checkHeads(rooms: Iterable<Room>, upstream: Pick<Upstream, 'heads'>): Promise<void> {
  const watched = [...rooms].filter((room) => room.known && room.audience.size > 0);
  for (let from = 0; from < watched.length; from += RPC_BATCH) {
    await Promise.all(watched.slice(from, from + RPC_BATCH).map((room) => checkHead(room, upstream)));
  }
}

async function checkHead(room: Room, upstream: Pick<Upstream, 'heads'>): Promise<void> {
  const answer = await upstream.heads({ tid: room.tid, cid: room.cid });
  if (!isRpcError(answer)) {
    room.observe(answer);
    await room.access.check(answer.access);
  } else if (answer.error === 'not_found') {
    await room.access.check(Number.MAX_SAFE_INTEGER);
  } else {
    throw new Error(`heads: ${answer.error}: ${answer.msg}`);
  }
}
