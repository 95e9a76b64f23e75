import type { UpdateConversation } from '@messagecore/protocol';
import { checkMayChange } from '../domain/permissions.ts';
import { type Changer, changeConversation, type ConversationDeps } from './in-conversation.ts';

/** Changes what is named and nothing else. Throws `not_found`, `not_member`, `forbidden`. */
export function updateConversation(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  change: UpdateConversation,
): Promise<void> {
  return changeConversation(deps, changer, cid, async ({ tx, kind, standing }) => {
    const renames = change.name !== undefined || change.topic !== undefined || change.avatar !== undefined;
    checkMayChange(kind, standing, renames);
    const { name, topic, avatar, metadata, archived } = change;
    await tx`
      update conversations set
        name = case when ${name !== undefined} then ${name ?? null} else name end,
        topic = case when ${topic !== undefined} then ${topic ?? null} else topic end,
        avatar = case when ${avatar !== undefined} then ${avatar ?? null} else avatar end,
        metadata = coalesce(${metadata === undefined ? null : JSON.stringify(metadata)}::text::jsonb, metadata),
        archived_at = case ${archived ?? null}::boolean
          when true then coalesce(archived_at, now()) when false then null else archived_at end
      where conversation_id = ${cid}`;
    const said = { ...(name !== undefined && { name }), ...(topic !== undefined && { topic }) };
    return { result: undefined, event: 'changed', say: wordFor(change), details: said, access: false };
  });
}

/** What the `sys` message calls the change: the most telling part of it. */
function wordFor({ name, topic, archived }: UpdateConversation): string {
  if (archived !== undefined) return archived ? 'archived' : 'unarchived';
  if (name !== undefined) return 'renamed';
  return topic === undefined ? 'changed' : 'topic';
}
