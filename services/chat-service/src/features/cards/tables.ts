import { sql, check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from '../../platform/database/drizzle.ts';
import { counter, jsonText, moment } from '../../platform/database/columns.ts';

/** What was done with cards, for a day. */
export const cardActions = pgTable(
  'card_actions',
  {
    conversationId: uuid('conversation_id').notNull(),
    actionId: uuid('action_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** Of the card. */
    seq: counter('seq').notNull(),
    actorId: uuid('actor_id').notNull(),
    /** Who sent the card. */
    ownerId: uuid('owner_id').notNull(),
    /** By which a repeat is recognised, and by the hash that it asks for the same. */
    requestKey: text('request_key').notNull(),
    requestHash: text('request_hash').notNull(),
    element: text('element').notNull(),
    /** The value of the element and what stands in the inputs: people may type what is no text of PostgreSQL. */
    given: jsonText('given').notNull(),
    state: text('state', { enum: ['waiting', 'ok', 'error', 'timeout'] }).notNull(),
    answer: text('answer'),
    /** Of the answer that is stored, or is about to be: no other one is. */
    answerHash: text('answer_hash'),
    /** Until then a process is telling the tenant's endpoint of it; infinity once that has ended. */
    callUntil: moment('call_until'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.actionId] }),
    uniqueIndex('card_actions_request').on(table.conversationId, table.actorId, table.requestKey),
    index('card_actions_of_owner').on(table.ownerId, table.createdAt.desc(), table.actionId.desc()),
    index('card_actions_of_actor').on(table.actorId),
    index('card_actions_created').on(table.createdAt),
    check('card_actions_state', sql`state in ('waiting', 'ok', 'error', 'timeout')`),
  ],
);
