import { ChatError } from '@messagecore/protocol';
import type { CreateJoinRequest, JoinRequest } from '@messagecore/protocol/features';
import { refuseBanned } from '../../core/conversations/add-participants.ts';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { checkMay, may, type Situation } from '../../core/permissions/permissions.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow } from '../../platform/database/expressions.ts';
import { BOUNDS, checkBound, holdBounds } from './bounds.ts';
import { changeOpen } from './change-open.ts';
import type { InvitationsDeps } from './deps.ts';
import { tellAdmins } from './join-request-events.ts';
import { getRequest } from './join-request-queries.ts';
import { joinRequests } from './tables.ts';

const EXPIRES_AFTER_MS = 30 * 24 * 60 * 60_000;

/**
 * Asks to join a private channel. Asking again changes the message and puts the end off. Throws `not_found`, `conflict` for
 * who takes part and for a public channel, `not_member` for a dm or group and for guests, `forbidden` for banned users,
 * `too_large`.
 */
export function createJoinRequest(
  deps: InvitationsDeps,
  user: Actor,
  cid: string,
  request: CreateJoinRequest,
): Promise<JoinRequest> {
  const { tid, uid } = user;
  const message = request.message ?? null;
  return changeOpen(deps, user, cid, async (tx, emit) => {
    checkMayAsk(await readSituation(tx, user, cid));
    await refuseBanned(tx, cid, [uid]);
    await holdBounds(tx, cid, [uid]);
    const { conversationId, userId } = joinRequests;
    const expiresAt = fromNow(EXPIRES_AFTER_MS);
    await db(tx)
      .insert(joinRequests)
      .values({ conversationId: cid, userId: uid, tenantId: tid, message, expiresAt })
      .onConflictDoUpdate({ target: [conversationId, userId], set: { message, expiresAt } });
    await checkBound(tx, { table: joinRequests, by: userId, of: [uid], ...BOUNDS.requestsOfUser });
    await checkBound(tx, { table: joinRequests, by: conversationId, of: [cid], ...BOUNDS.requestsTo });
    await emit(...(await tellAdmins(tx, { tid, cid }, 'requested')));
    return getRequest(tx, cid, uid);
  });
}

function checkMayAsk(situation: Situation): void {
  if (situation.role !== null) throw new ChatError('conflict', 'takes part already');
  if (may('join', situation)) throw new ChatError('conflict', 'a public channel is joined without being asked for');
  checkMay('askToJoin', situation);
}
