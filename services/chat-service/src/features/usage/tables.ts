import { date, index, integer, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import type { TenantLimits } from '@messagecore/protocol/features';
import { counter, json, moment } from '../../platform/database/columns.ts';

/** What a tenant used on a day, by UTC; messages by the time of storing. */
export const usageDaily = pgTable(
  'usage_daily',
  {
    tenantId: uuid('tenant_id').notNull(),
    day: date('day').notNull(),
    messages: counter('messages').notNull(),
    /** Users who have sent something. */
    activeUsers: counter('active_users').notNull().default(0),
    /** The most that there were. */
    users: counter('users').notNull().default(0),
    peakConnections: counter('peak_connections').notNull().default(0),
    storageBytes: counter('storage_bytes').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.day] }),
    index('usage_daily_by_day').on(table.day, table.tenantId),
  ],
);

/** Up to which `seq` the messages of a conversation are in `usage_daily`: each is counted once. */
export const usageMarks = pgTable('usage_marks', {
  conversationId: uuid('conversation_id').primaryKey(),
  countedSeq: counter('counted_seq').notNull(),
});

/** Who has sent something on a day and in a month: each user is counted once. Kept for two months. */
export const usageActive = pgTable(
  'usage_active',
  {
    tenantId: uuid('tenant_id').notNull(),
    span: text('span', { enum: ['day', 'month'] }).notNull(),
    /** The day, or the first of the month. */
    since: date('since').notNull(),
    userId: uuid('user_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.span, table.since, table.userId] })],
);

/** What an invoice needs of a month beside its days. `month` is its first day. */
export const usageMonths = pgTable(
  'usage_months',
  {
    tenantId: uuid('tenant_id').notNull(),
    month: date('month').notNull(),
    /** As last seen in the month. */
    plan: text('plan', { enum: ['basic', 'pro', 'enterprise'] }),
    limits: json('limits').$type<TenantLimits>(),
    activeUsers: counter('active_users').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.month] })],
);

/** Of what a tenant was told: each once a month. */
export const usageNotices = pgTable(
  'usage_notices',
  {
    tenantId: uuid('tenant_id').notNull(),
    month: date('month').notNull(),
    resource: text('resource', { enum: ['users', 'messages', 'storageBytes', 'connections'] }).notNull(),
    percent: integer('percent').$type<80 | 100>().notNull(),
    at: moment('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.month, table.resource, table.percent] })],
);

/** Sessions of a tenant at each gateway, as last reported. */
export const usageConnections = pgTable(
  'usage_connections',
  {
    tenantId: uuid('tenant_id').notNull(),
    gateway: text('gateway').notNull(),
    connections: counter('connections').notNull(),
    seenAt: moment('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.gateway] })],
);
