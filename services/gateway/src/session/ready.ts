import { type DownFrameOf, LIMITS, type SessionLimits } from '@messagecore/protocol';
import { type RpcResult } from '@messagecore/protocol/bus';

type Identity = RpcResult<'open'>;

/** The first frame of a session, and the answer to each renewal of its token. */
export function readyFrame(
  identity: Identity,
  sid: string,
  serverTs: number,
  heartbeatMs: number,
): DownFrameOf<'ready'> {
  const { uid, unread } = identity;
  const limits = limitsOf(identity);
  return { t: 'ready', userId: uid, serverTs, sid, heartbeatMs, limits, ...(unread !== undefined && { unread }) };
}

function limitsOf({ framesPerConnection, sendsPerUser }: Identity): SessionLimits {
  const { frameBytes, textCodePoints, joinedConversations, resumeConversations, sendsInFlight } = LIMITS;
  return {
    frameBytes,
    textCodePoints,
    joinedConversations,
    resumeConversations,
    sendsInFlight,
    framesPerSecond: framesPerConnection.perSecond,
    sendsPerSecond: sendsPerUser.perSecond,
  };
}
