import { ChatError } from '@messagecore/protocol';
import { type UpdateConversation } from '@messagecore/protocol/features';
import { eq, sql as part } from 'drizzle-orm';
import { checkMayChange, checkMaySetHistory } from '../permissions/permissions.ts';
import { db } from '../../platform/database/db.ts';
import { isAhead } from '../../platform/database/expressions.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';
import { isParticipant } from './participant-queries.ts';
import { conversations, participants } from './tables.ts';

/** Changes what is named and nothing else. Throws `not_found`, `not_member`, `forbidden`, `muted`. */
export function updateConversation(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  change: UpdateConversation,
): Promise<void> {
  return changeConversation(deps, changer, cid, async (held) => {
    const { tx, kind, standing } = held;
    const renames = change.name !== undefined || change.topic !== undefined || change.avatar !== undefined;
    checkMayChange(kind, standing, renames);
    if (change.history !== undefined) checkMaySetHistory(kind, standing);
    await refuseMuted(held, changer);
    const { name, topic, avatar, metadata, archived, history } = change;
    const archivedAt = archived === true ? part`coalesce(${conversations.archivedAt}, now())` : null;
    await db(tx)
      .update(conversations)
      .set({
        ...{ name, topic, avatar, metadata },
        historySinceJoining: history && history === 'since_joining',
        archivedAt: archived === undefined ? undefined : archivedAt,
      })
      .where(eq(conversations.conversationId, cid));
    const said = {
      ...(name !== undefined && { name }),
      ...(topic !== undefined && { topic }),
      ...(history !== undefined && { history }),
    };
    return { result: undefined, event: 'changed', sysEvent: sysEventOf(change), details: said, access: false };
  });
}

/** A name or topic is shown to everybody in the conversation, so a muted user may not change it (PERM-2). */
async function refuseMuted({ tx, cid }: LockedConversation, { uid }: Changer): Promise<void> {
  if (uid === undefined) return;
  const [participant] = await db(tx)
    .select({ muted: isAhead(participants.mutedUntil) })
    .from(participants)
    .where(isParticipant(cid, uid));
  if (participant?.muted === true) throw new ChatError('muted');
}

/** The event name of the `sys` message: the most important part of the change. */
function sysEventOf({ name, topic, archived, history }: UpdateConversation): string {
  if (archived !== undefined) return archived ? 'archived' : 'unarchived';
  if (name !== undefined) return 'renamed';
  if (topic !== undefined) return 'topic';
  return history === undefined ? 'changed' : 'history';
}
