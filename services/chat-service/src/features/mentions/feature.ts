/** Mentions: which messages mention a user (MSG-6). */
import { mentionOperations as operations } from '@messagecore/protocol/features';
import type { LoopOptions } from '@messagecore/runtime';
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { countUnreadMentions } from './count-mentions.ts';
import { listMentions } from './list-mentions.ts';
import { mentionRows, mentionsOfUser } from './mention-data.ts';
import { mergeMentions } from './merge-mentions.ts';
import { type HereDeps, settleOpen, settleOpenGroups } from './settle-open.ts';

const SETTLE_EVERY_MS = 500;

export interface MentionsDeps extends HereDeps {
  readonly sql: Sql;
}

export interface MentionsFeature {
  readonly operations: readonly BoundOperation[];
  readonly loops: readonly LoopOptions[];
  readonly userData: readonly UserData[];
  readonly mergeParts: readonly MergePart[];
  readonly conversationData: readonly ConversationData[];
}

export function createMentions({ sql, ...here }: MentionsDeps): MentionsFeature {
  return {
    operations: [
      bindOperation(operations.listMentions, (user, query) => listMentions(sql, user, query)),
      bindOperation(operations.countMentions, (user) => countUnreadMentions(sql, user)),
    ],
    loops: [
      { name: 'whom here mentions', everyMs: SETTLE_EVERY_MS, step: (signal) => settleOpen(here, signal) },
      { name: 'whom groups mention', everyMs: SETTLE_EVERY_MS, step: (signal) => settleOpenGroups(here, signal) },
    ],
    userData: [mentionsOfUser],
    mergeParts: [mergeMentions],
    conversationData: [mentionRows],
  };
}
