import { joinRequestOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { createJoinRequest } from './create-join-request.ts';
import { approveJoinRequest, rejectJoinRequest, withdrawJoinRequest } from './decide-join-request.ts';
import type { InvitationsDeps } from './deps.ts';
import { listJoinRequests, listOwnJoinRequests } from './join-request-queries.ts';

export function bindJoinRequests(deps: InvitationsDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.createJoinRequest, (user, { cid, ...request }) =>
      createJoinRequest(deps, user, cid, request),
    ),
    bindOperation(operations.listJoinRequests, (caller, { cid, ...page }) => listJoinRequests(sql, caller, cid, page)),
    bindOperation(operations.listOwnJoinRequests, (user, page) => listOwnJoinRequests(sql, user, page)),
    bindOperation(operations.approveJoinRequest, (caller, { cid, user }) =>
      approveJoinRequest(deps, caller, cid, user),
    ),
    bindOperation(operations.rejectJoinRequest, (caller, { cid, user }) => rejectJoinRequest(deps, caller, cid, user)),
    bindOperation(operations.withdrawJoinRequest, (user, { cid }) => withdrawJoinRequest(deps, user, cid)),
  ];
}
