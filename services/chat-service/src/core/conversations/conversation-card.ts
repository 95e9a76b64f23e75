import type { ConversationCard } from '@messagecore/protocol/features';
import { sql, type SQL } from '../../platform/database/drizzle.ts';
import { conversations } from './tables.ts';

const { conversationId, kind, name, topic, avatar } = conversations;

/** What is shown of a conversation to those who may not take part yet. */
export const conversationCard: SQL<ConversationCard> = sql`json_build_object(
  'cid', ${conversationId}, 'kind', ${kind}, 'name', ${name}, 'topic', ${topic}, 'avatar', ${avatar}
)`;
