import { type SysEvent, type UpdateConversation } from '@messagecore/protocol/features';
import { eq, sql as part } from '../../platform/database/drizzle.ts';
import { checkMay } from '../permissions/permissions.ts';
import type { Action } from '../permissions/table.ts';
import { db } from '../../platform/database/db.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';
import { conversations } from './tables.ts';

/** Changes what is named and nothing else. Throws `not_found`, `not_member`, `forbidden`, `muted`. */
export function updateConversation(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  change: UpdateConversation,
): Promise<void> {
  return changeConversation(deps, changer, cid, async (held) => {
    const { tx, situation } = held;
    for (const action of actionsOf(change)) checkMay(action, situation);
    const audit = await rulesChanged(held, change);
    const { archived, history, ...named } = change;
    const archivedAt = archived === true ? part`coalesce(${conversations.archivedAt}, now())` : null;
    await db(tx)
      .update(conversations)
      .set({
        ...named,
        historySinceJoining: history && history === 'since_joining',
        archivedAt: archived === undefined ? undefined : archivedAt,
      })
      .where(eq(conversations.conversationId, cid));
    const { name, topic, posting, slowSeconds, openToListeners } = named;
    const details = { name, topic, history, posting, slowSeconds, openToListeners };
    // Gateways ask who may stay when a change of the conversation is one of who may be in it.
    const access = openToListeners !== undefined && openToListeners !== held.openToListeners;
    return { result: undefined, event: 'changed', sysEvent: sysEventOf(change), details, access, audit };
  });
}

/** For the audit log: which rules of the conversation are other ones after the change. Names and the like are none. */
async function rulesChanged(
  { tx, cid, sinceJoining, openToListeners, situation }: LockedConversation,
  change: UpdateConversation,
) {
  const { archived, posting } = situation;
  const { slowSeconds } = conversations;
  const [slow] = await db(tx).select({ slowSeconds }).from(conversations).where(eq(conversations.conversationId, cid));
  const rules = { archived, posting, ...slow, history: sinceJoining ? 'since_joining' : 'all', openToListeners };
  const changed = Object.entries(rules).filter(([name, value]) => {
    const asked = change[name as keyof typeof rules];
    return asked !== undefined && asked !== value;
  });
  if (changed.length === 0) return [];
  const after = Object.fromEntries(changed.map(([name]) => [name, change[name as keyof typeof rules]]));
  const states = { before: Object.fromEntries(changed), after };
  return [{ action: 'update_conversation', target: `conversation:${cid}`, ...states }];
}

const RENAMES = ['name', 'topic', 'avatar'] as const;
const POSTING = ['posting', 'slowSeconds'] as const;

/** What the table of permissions calls the parts of the change. */
function actionsOf(change: UpdateConversation): Action[] {
  const { metadata, archived, history, openToListeners } = change;
  return [
    ...(RENAMES.some((part) => change[part] !== undefined) ? (['rename'] as const) : []),
    ...(metadata !== undefined || archived !== undefined ? (['change'] as const) : []),
    ...(history === undefined ? [] : (['setHistory'] as const)),
    ...(openToListeners === undefined ? [] : (['setListeners'] as const)),
    ...(POSTING.some((part) => change[part] !== undefined) ? (['setPosting'] as const) : []),
  ];
}

/** The event name of the `sys` message: the most important part of the change. */
function sysEventOf(change: UpdateConversation): SysEvent {
  const { name, topic, archived, history, posting, slowSeconds, openToListeners } = change;
  if (archived !== undefined) return archived ? 'archived' : 'unarchived';
  if (name !== undefined) return 'renamed';
  if (topic !== undefined) return 'topic';
  if (history !== undefined) return 'history';
  if (posting !== undefined || slowSeconds !== undefined) return 'posting';
  return openToListeners === undefined ? 'changed' : 'listeners';
}
