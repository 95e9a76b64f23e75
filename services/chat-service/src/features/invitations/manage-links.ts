import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import type { CreateLink, InvitationLink, LinkCreated } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow } from '../../platform/database/expressions.ts';
import type { OperationCaller } from '../../platform/operations/types.ts';
import { BOUNDS, checkBound, holdBounds } from './bounds.ts';
import { changeOpen } from './change-open.ts';
import type { InvitationsDeps } from './deps.ts';
import { hashOfCode, newLinkCode } from './link-code.ts';
import { getLink } from './link-queries.ts';
import { requireCloser, requireInviter } from './rights.ts';
import { invitationLinks } from './tables.ts';

/** The code is in the answer and nowhere else. Throws `not_found`, `not_member`, `forbidden`, `too_large`. */
export function createLink(
  deps: InvitationsDeps,
  caller: OperationCaller,
  cid: string,
  { ttlSeconds, maxUses }: CreateLink,
): Promise<LinkCreated> {
  const { tid, uid = null } = caller;
  const code = newLinkCode();
  const id = randomUUID();
  return changeOpen(deps, { tid, uid: caller.uid }, cid, async (tx) => {
    await requireInviter(tx, caller, cid);
    await holdBounds(tx, cid);
    const row = { conversationId: cid, id, tenantId: tid, codeHash: hashOfCode(code), createdBy: uid, maxUses };
    await db(tx)
      .insert(invitationLinks)
      .values({ ...row, expiresAt: fromNow(ttlSeconds * 1_000) });
    await checkBound(tx, { table: invitationLinks, by: invitationLinks.conversationId, of: [cid], ...BOUNDS.linksTo });
    const link = await getLink(tx, cid, id);
    await audit(tx, caller, 'create', link);
    return { ...link, code };
  });
}

/** Nobody comes in by it any more. Whoever made it revokes it, or an admin. Throws `not_found`, `not_member`, `forbidden`. */
export async function revokeLink(
  deps: InvitationsDeps,
  caller: OperationCaller,
  cid: string,
  linkId: string,
): Promise<void> {
  await changeOpen(deps, { tid: caller.tid, uid: caller.uid }, cid, async (tx) => {
    const situation = await requireCloser(tx, caller, cid);
    const link = await getLink(tx, cid, linkId);
    if (link.createdBy?.userId !== caller.uid) checkMay('admit', situation);
    const { count } = await db(tx)
      .delete(invitationLinks)
      .where(and(eq(invitationLinks.conversationId, cid), eq(invitationLinks.id, linkId)));
    if (count === 0) throw new ChatError('not_found', 'no such link');
    await audit(tx, caller, 'revoke', link);
  });
}

/** What the link lets in, never its code. */
function audit(
  tx: Transaction,
  caller: OperationCaller,
  verb: 'create' | 'revoke',
  { linkId, cid, expiresAt, maxUses, uses }: InvitationLink,
): Promise<void> {
  const view = { cid, expiresAt, maxUses, uses };
  const states = verb === 'create' ? { after: view } : { before: view };
  const action = `${verb}_invitation_link`;
  return auditCaller(tx, caller, { action, target: `invitation-link:${linkId}`, ...states });
}
