import type { DefaultChannel } from '@messagecore/protocol/features';
import { and, eq, isNull } from '../../platform/database/drizzle.ts';
import { conversationCard } from '../../core/conversations/conversation-card.ts';
import { conversations } from '../../core/conversations/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { defaultChannels } from './tables.ts';

/** All of a tenant's, the oldest first. */
export async function readDefaultChannels(sql: Sql | Transaction, tid: string): Promise<DefaultChannel[]> {
  const { conversationId, deletedAt } = conversations;
  return db(sql)
    .select({ conversation: conversationCard, addedAt: millis(defaultChannels.addedAt) })
    .from(defaultChannels)
    .innerJoin(conversations, and(eq(conversationId, defaultChannels.conversationId), isNull(deletedAt)))
    .where(eq(defaultChannels.tenantId, tid))
    .orderBy(defaultChannels.addedAt, defaultChannels.conversationId);
}
