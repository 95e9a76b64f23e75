/** A user's own invitations or requests, the newest first. */
import { Cid, Millis } from '@messagecore/protocol';
import { and, desc, eq, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import { momentOf } from '../../platform/database/expressions.ts';
import { decodeCursor } from '../../platform/http/cursor.ts';
import type { invitations, joinRequests } from './tables.ts';

type Way = typeof invitations | typeof joinRequests;

const NewestFirst = z.tuple([Millis, Cid]);

/** Which of them the page has: the cursor holds `createdAt` and the conversation of the last one before. */
export function isOwn(way: Way, { tid, uid }: Actor, cursor: string | undefined): SQL | undefined {
  const { userId, tenantId, createdAt, conversationId } = way;
  const after = decodeCursor(cursor, NewestFirst);
  return and(
    eq(userId, uid),
    eq(tenantId, tid),
    after && part`(${createdAt}, ${conversationId}) < (${momentOf(after[0])}, ${after[1]}::uuid)`,
  );
}

export const newestFirst = ({ createdAt, conversationId }: Way) => [desc(createdAt), desc(conversationId)] as const;
