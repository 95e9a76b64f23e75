/** Mentions: which messages mention a user (MSG-6). */
import { mentionOperations as operations } from '@messagecore/protocol/features';
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { countUnreadMentions } from './count-mentions.ts';
import { hereConsumers, type HereDeps } from './here.consumer.ts';
import { listMentions } from './list-mentions.ts';
import { mentionRows, mentionsOfUser } from './mention-data.ts';
import { mergeMentions } from './merge-mentions.ts';

export interface MentionsDeps extends HereDeps {
  readonly sql: Sql;
}

export interface MentionsFeature {
  readonly operations: readonly BoundOperation[];
  readonly consumers: readonly ConsumerKind[];
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
    consumers: hereConsumers(here),
    userData: [mentionsOfUser],
    mergeParts: [mergeMentions],
    conversationData: [mentionRows],
  };
}
