import { ChatError } from '@messagecore/protocol';
import { type UpdateConversation } from '@messagecore/protocol/features';
import { checkMayChange, checkMaySetHistory } from '../permissions/permissions.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';

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
    const sinceJoining = history === undefined ? null : history === 'since_joining';
    await tx`
      update conversations set
        name = case when ${name !== undefined} then ${name ?? null} else name end,
        topic = case when ${topic !== undefined} then ${topic ?? null} else topic end,
        avatar = case when ${avatar !== undefined} then ${avatar ?? null} else avatar end,
        metadata = coalesce(${metadata === undefined ? null : JSON.stringify(metadata)}::text::jsonb, metadata),
        history_since_joining = coalesce(${sinceJoining}::boolean, history_since_joining),
        archived_at = case ${archived ?? null}::boolean
          when true then coalesce(archived_at, now()) when false then null else archived_at end
      where conversation_id = ${cid}`;
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
  const muted = await tx`
    select from participants where conversation_id = ${cid} and user_id = ${uid} and muted_until > now()`;
  if (muted.length > 0) throw new ChatError('muted');
}

/** The event name of the `sys` message: the most important part of the change. */
function sysEventOf({ name, topic, archived, history }: UpdateConversation): string {
  if (archived !== undefined) return archived ? 'archived' : 'unarchived';
  if (name !== undefined) return 'renamed';
  if (topic !== undefined) return 'topic';
  return history === undefined ? 'changed' : 'history';
}
