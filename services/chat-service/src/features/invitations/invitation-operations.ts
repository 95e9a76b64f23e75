import { invitationOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { acceptInvitation, declineInvitation, revokeInvitation } from './answer-invitation.ts';
import { inviteUsers } from './invite-users.ts';
import type { InvitationsDeps } from './deps.ts';
import { listInvitations, listOwnInvitations } from './invitation-queries.ts';

export function bindInvitations(deps: InvitationsDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.createInvitations, (caller, { cid, ...request }) =>
      inviteUsers(deps, caller, cid, request),
    ),
    bindOperation(operations.listInvitations, (caller, { cid, ...page }) => listInvitations(sql, caller, cid, page)),
    bindOperation(operations.listOwnInvitations, (user, page) => listOwnInvitations(sql, user, page)),
    bindOperation(operations.acceptInvitation, (user, { cid }) => acceptInvitation(deps, user, cid)),
    bindOperation(operations.declineInvitation, (user, { cid }) => declineInvitation(deps, user, cid)),
    bindOperation(operations.revokeInvitation, (caller, { cid, user }) => revokeInvitation(deps, caller, cid, user)),
  ];
}
