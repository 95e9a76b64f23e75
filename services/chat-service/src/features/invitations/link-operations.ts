import { linkOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { InvitationsDeps } from './deps.ts';
import { listLinks } from './link-queries.ts';
import { createLink, revokeLink } from './manage-links.ts';
import { acceptLink, previewLink } from './use-link.ts';

export function bindLinks(deps: InvitationsDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.createLink, (caller, { cid, ...request }) => createLink(deps, caller, cid, request)),
    bindOperation(operations.listLinks, (caller, { cid, ...page }) => listLinks(sql, caller, cid, page)),
    bindOperation(operations.revokeLink, (caller, { cid, linkId }) => revokeLink(deps, caller, cid, linkId)),
    bindOperation(operations.previewLink, (user, { code }) => previewLink(sql, user, code)),
    bindOperation(operations.acceptLink, (user, { code }) => acceptLink(deps, user, code)),
  ];
}
