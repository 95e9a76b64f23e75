import type { ConversationCard, DefaultChannel } from '@messagecore/protocol/features';
import { and, eq, isNull, type SQL, sql as part } from 'drizzle-orm';
import { conversations } from '../../core/conversations/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { defaultChannels } from './tables.ts';

/** All of a tenant's, the oldest first. */
export async function readDefaultChannels(sql: Sql | Transaction, tid: string): Promise<DefaultChannel[]> {
  const { conversationId, kind, name, topic, avatar, deletedAt } = conversations;
  const conversation: SQL<ConversationCard> = part`json_build_object(
    'cid', ${conversationId}, 'kind', ${kind}, 'name', ${name}, 'topic', ${topic}, 'avatar', ${avatar}
  )`;
  return db(sql)
    .select({ conversation, addedAt: millis(defaultChannels.addedAt) })
    .from(defaultChannels)
    .innerJoin(conversations, and(eq(conversationId, defaultChannels.conversationId), isNull(deletedAt)))
    .where(eq(defaultChannels.tenantId, tid))
    .orderBy(defaultChannels.addedAt, defaultChannels.conversationId);
}
