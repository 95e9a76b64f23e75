/** What is open. No row outlives its expiry for long. */
import {
  sql,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from '../../platform/database/drizzle.ts';
import { conversations } from '../../core/conversations/tables.ts';
import { moment } from '../../platform/database/columns.ts';

export const invitations = pgTable(
  'invitations',
  {
    conversationId: uuid('conversation_id').notNull(),
    /** Who is invited. */
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** Null for the tenant's back end. */
    invitedBy: uuid('invited_by'),
    message: text('message'),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'invitations_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('invitations_of_user').on(table.userId, table.createdAt, table.conversationId),
    index('invitations_of_inviter').on(table.invitedBy),
    index('invitations_expiry').on(table.expiresAt),
  ],
);

export const invitationLinks = pgTable(
  'invitation_links',
  {
    conversationId: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** SHA-256 of the code: link-code.ts. */
    codeHash: text('code_hash').notNull(),
    /** Null for the tenant's back end. */
    createdBy: uuid('created_by'),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
    maxUses: integer('max_uses'),
    uses: integer('uses').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.id] }),
    foreignKey({
      name: 'invitation_links_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('invitation_links_code').on(table.tenantId, table.codeHash),
    index('invitation_links_of_maker').on(table.createdBy),
    index('invitation_links_expiry').on(table.expiresAt),
    check('invitation_links_uses', sql`${table.uses} <= ${table.maxUses}`),
  ],
);

export const joinRequests = pgTable(
  'join_requests',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    message: text('message'),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'join_requests_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('join_requests_of_user').on(table.userId, table.createdAt, table.conversationId),
    index('join_requests_expiry').on(table.expiresAt),
  ],
);
