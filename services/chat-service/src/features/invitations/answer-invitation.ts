import { ChatError } from '@messagecore/protocol';
import type { ParticipantsAdded } from '@messagecore/protocol/features';
import { and, eq, gt } from '../../platform/database/drizzle.ts';
import { admitUser } from '../../core/conversations/admit-user.ts';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import type { LockedConversation } from '../../core/conversations/conversation-transaction.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Actor, Reader } from '../../core/identity/caller.ts';
import { userEvent } from '../../core/outbox/events.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { changeOpen } from './change-open.ts';
import type { InvitationsDeps } from './deps.ts';
import { resolveAmong } from './resolve-among.ts';
import { isStillInviter, requireCloser } from './rights.ts';
import { isInvitation } from './settle-open.ts';
import { invitations } from './tables.ts';

/**
 * The invited user joins. Doing it again changes nothing. Throws `not_found`, `not_member` for who has no invitation or
 * one whose inviter may not add users any more, `forbidden` for a banned user.
 */
export function acceptInvitation(deps: InvitationsDeps, user: Actor, cid: string): Promise<ParticipantsAdded> {
  const entitle = async ({ tx, tid, situation }: LockedConversation) => {
    if (situation.role !== null) return {};
    const [found] = await db(tx)
      .select({ by: invitations.invitedBy })
      .from(invitations)
      .where(and(isInvitation(cid, user.uid), gt(invitations.expiresAt, now())))
      .for('update');
    if (found === undefined || !(await isStillInviter(tx, tid, cid, found.by))) throw notInvited();
    return { details: found.by === null ? {} : { invitedBy: found.by } };
  };
  return admitUser(deps.conversations, user, cid, { user: user.uid, sysEvent: 'joined', entitle });
}

/** Throws `not_found`, and `not_member` for somebody who takes no part and is not invited. */
export async function declineInvitation(deps: InvitationsDeps, user: Actor, cid: string): Promise<void> {
  const { tid, uid } = user;
  await changeOpen(deps, user, cid, async (tx, emit) => {
    const { count } = await db(tx)
      .delete(invitations)
      .where(and(isInvitation(cid, uid), eq(invitations.tenantId, tid)));
    if (count === 0) {
      const { role } = await readSituation(tx, user, cid);
      throw role === null ? notInvited() : noInvitation();
    }
    await emit(ended(tid, cid, uid));
  });
}

/** Whoever invited takes it back, or an admin, which is written down. Throws `not_found`, `not_member`, `forbidden`. */
export async function revokeInvitation(deps: InvitationsDeps, caller: Reader, cid: string, ref: string): Promise<void> {
  const { tid } = caller;
  await requireCloser(deps.sql, caller, cid);
  const user = await resolveAmong(deps.sql, invitations, caller, cid, ref, { active: false });
  await changeOpen(deps, { tid, uid: caller.uid }, cid, async (tx, emit) => {
    const situation = await requireCloser(tx, caller, cid);
    const [revoked] = await db(tx)
      .delete(invitations)
      .where(isInvitation(cid, user))
      .returning({ by: invitations.invitedBy });
    if (revoked === undefined) throw noInvitation();
    await emit(ended(tid, cid, user));
    if (revoked.by === caller.uid) return;
    checkMay('admit', situation);
    await auditCaller(tx, caller, { action: 'revoke_invitation', target: `user:${user}`, after: { cid } });
  });
}

const ended = (tid: string, cid: string, uid: string) =>
  userEvent(tid, uid, { v: 1, event: 'conv', cid, conv: 'uninvited' });
const notInvited = () => new ChatError('not_member', 'not invited');
const noInvitation = () => new ChatError('not_found', 'no such invitation');
