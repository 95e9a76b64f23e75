import { ChatError } from '@messagecore/protocol';
import type { ParticipantsAdded } from '@messagecore/protocol/features';
import { and, gt } from '../../platform/database/drizzle.ts';
import { admitUser } from '../../core/conversations/admit-user.ts';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import type { LockedConversation } from '../../core/conversations/conversation-transaction.ts';
import { isParticipant } from '../../core/conversations/participant-queries.ts';
import { participants } from '../../core/conversations/tables.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Actor, Reader } from '../../core/identity/caller.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { changeOpen } from './change-open.ts';
import type { InvitationsDeps } from './deps.ts';
import { requestEnded, tellAdmins } from './join-request-events.ts';
import { resolveAmong } from './resolve-among.ts';
import { requireAdmin } from './rights.ts';
import { isRequest } from './settle-open.ts';
import { joinRequests } from './tables.ts';

/**
 * Lets in who asked. A request that was withdrawn at the same time is gone: one of the two happens. Doing it again changes
 * nothing. Throws `not_found`, `not_member`, `forbidden` (also for a banned user).
 */
export async function approveJoinRequest(
  deps: InvitationsDeps,
  caller: Reader,
  cid: string,
  ref: string,
): Promise<ParticipantsAdded> {
  await requireAdmin(deps.sql, caller, cid);
  const user = await resolveAmong(deps.sql, joinRequests, caller, cid, ref, { active: true });
  const entitle = async ({ tx, tid, situation }: LockedConversation) => {
    checkMay('admit', situation);
    const audit = [{ action: 'approve_join_request', target: `user:${user}` }];
    if (await takeRequest(tx, cid, user)) return { events: await tellAdmins(tx, { tid, cid }, 'unrequested'), audit };
    if (!(await takesPart(tx, cid, user))) throw noSuchRequest();
    return {};
  };
  return admitUser(deps.conversations, caller, cid, { user, sysEvent: 'added', entitle });
}

/** Throws `not_found`, `not_member`, `forbidden`. */
export async function rejectJoinRequest(
  deps: InvitationsDeps,
  caller: Reader,
  cid: string,
  ref: string,
): Promise<void> {
  const { tid } = caller;
  await requireAdmin(deps.sql, caller, cid);
  const user = await resolveAmong(deps.sql, joinRequests, caller, cid, ref, { active: false });
  await changeOpen(deps, { tid, uid: caller.uid }, cid, async (tx, emit) => {
    await requireAdmin(tx, caller, cid);
    if (!(await takeRequest(tx, cid, user))) throw noSuchRequest();
    await emit(...(await tellAdmins(tx, { tid, cid }, 'unrequested')), requestEnded({ tid, cid }, user));
    await auditCaller(tx, caller, { action: 'reject_join_request', target: `user:${user}`, after: { cid } });
  });
}

/** The user takes their own request back. Throws `not_found`, and `not_member` for who neither takes part nor asked. */
export async function withdrawJoinRequest(deps: InvitationsDeps, user: Actor, cid: string): Promise<void> {
  const { tid, uid } = user;
  await changeOpen(deps, user, cid, async (tx, emit) => {
    if (!(await takeRequest(tx, cid, uid))) {
      // Read after somebody else has taken it, perhaps by letting the user in.
      const { role } = await readSituation(tx, user, cid);
      throw role === null ? new ChatError('not_member', 'nothing was asked for') : noSuchRequest();
    }
    await emit(...(await tellAdmins(tx, { tid, cid }, 'unrequested')), requestEnded({ tid, cid }, uid));
  });
}

/** Of several who take the same request one gets it. */
async function takeRequest(tx: Transaction, cid: string, uid: string): Promise<boolean> {
  const { count } = await db(tx)
    .delete(joinRequests)
    .where(and(isRequest(cid, uid), gt(joinRequests.expiresAt, now())));
  return count === 1;
}

async function takesPart(tx: Transaction, cid: string, uid: string): Promise<boolean> {
  return (await db(tx).$count(participants, isParticipant(cid, uid))) > 0;
}

const noSuchRequest = () => new ChatError('not_found', 'no such request');
