/**
 * What a code opens. A code that never was, was revoked, has expired, is used up, is of another tenant or was made by
 * somebody who may not add users any more: one statement that finds nothing, and the same answer.
 *
 * Raw SQL: a link with what a reader sees of its conversation, in that one statement.
 */
import { ChatError } from '@messagecore/protocol';
import type { ConversationCard, LinkAccepted, LinkPreview, Person } from '@messagecore/protocol/features';
import { and, eq, gt, isNull, lt, or } from '../../platform/database/drizzle.ts';
import { admitUser } from '../../core/conversations/admit-user.ts';
import type { LockedConversation } from '../../core/conversations/conversation-transaction.ts';
import { membersOf } from '../../core/conversations/count-members.ts';
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { next, now } from '../../platform/database/expressions.ts';
import type { InvitationsDeps } from './deps.ts';
import { hashOfCode } from './link-code.ts';
import { isStillInviter } from './rights.ts';
import { invitationLinks } from './tables.ts';

interface FoundLink extends ConversationCard {
  readonly linkId: string;
  /** Who made it, null for the back end. */
  readonly by: string | null;
  readonly createdBy: Person | null;
  readonly expiresAt: number;
  readonly joined: boolean;
}

/** Throws `not_found`. */
export async function previewLink(sql: Sql, user: Actor, code: string): Promise<LinkPreview> {
  const { cid, kind, name, topic, avatar, createdBy, expiresAt, joined } = await findLink(sql, user, code);
  const [row] = await sql<{ members: number }[]>`
    select ${membersOf(sql)} as members from conversations c where conversation_id = ${cid}`;
  const conversation = { cid, kind, name, topic, avatar };
  return { conversation, members: row?.members ?? 0, invitedBy: createdBy, expiresAt, joined };
}

/**
 * The user joins; each use counts once, and a limit of uses holds whoever comes at the same time. Who takes part already
 * uses nothing up. Throws `not_found`, and `forbidden` for a banned user.
 */
export async function acceptLink(deps: InvitationsDeps, user: Actor, code: string): Promise<LinkAccepted> {
  const { cid, linkId, by } = await findLink(deps.sql, user, code);
  const entitle = async ({ tx, tid, situation }: LockedConversation) => {
    if (situation.role === null) {
      const { conversationId, id, expiresAt, uses, maxUses } = invitationLinks;
      const isLeft = or(isNull(maxUses), lt(uses, maxUses));
      const { count } = await db(tx)
        .update(invitationLinks)
        .set({ uses: next(uses) })
        .where(and(eq(conversationId, cid), eq(id, linkId), gt(expiresAt, now()), isLeft));
      if (count === 0 || !(await isStillInviter(tx, tid, cid, by))) throw noSuchLink();
    }
    return { details: by === null ? {} : { invitedBy: by } };
  };
  const added = await admitUser(deps.conversations, user, cid, { user: user.uid, sysEvent: 'joined', entitle });
  return { cid, ...added };
}

async function findLink(sql: Sql, { tid, uid }: Actor, code: string): Promise<FoundLink> {
  const [found] = await sql<FoundLink[]>`
    select c.conversation_id as cid, c.kind, c.name, c.topic, c.avatar, l.id as "linkId", l.created_by as by,
      case when maker.id is not null
        then json_build_object('userId', maker.id, 'displayName', maker.display_name) end as "createdBy",
      (extract(epoch from l.expires_at) * 1000)::float8 as "expiresAt", me.user_id is not null as joined
    from invitation_links l
    join conversations c on c.conversation_id = l.conversation_id and c.deleted_at is null
    left join users maker on maker.id = l.created_by
    left join participants me on me.conversation_id = c.conversation_id and me.user_id = ${uid}
    where l.tenant_id = ${tid} and l.code_hash = ${hashOfCode(code)} and l.expires_at > now()
      and (l.max_uses is null or l.uses < l.max_uses or me.user_id is not null)`;
  if (found === undefined || !(await isStillInviter(sql, tid, found.cid, found.by))) throw noSuchLink();
  return found;
}

const noSuchLink = () => new ChatError('not_found', 'no such link');
