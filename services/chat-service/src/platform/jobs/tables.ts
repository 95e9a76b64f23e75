import { sql, boolean, index, integer, pgTable, smallint, text, uniqueIndex, uuid } from '../database/drizzle.ts';
import { counter, json, moment } from '../database/columns.ts';

/** Work to be done once, at `runAt` or later. A row is deleted in the transaction that does its work. */
export const jobs = pgTable(
  'jobs',
  {
    id: counter('id').primaryKey().generatedAlwaysAsIdentity(),
    /** Whose work it is; `PLATFORM_TENANT` for the platform's own. Tenants take turns. */
    tenantId: uuid('tenant_id').notNull(),
    kind: text('kind').notNull(),
    payload: json('payload').notNull(),
    /** 0 background, 1 ordinary, 2 urgent. */
    priority: smallint('priority').notNull().default(1),
    runAt: moment('run_at').notNull().defaultNow(),
    /** True from the moment it is due until a runner takes it. */
    ready: boolean('ready').notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    /** Names the attempt under way; a runner whose lease was taken over does nothing. */
    lease: uuid('lease'),
    /** After its last attempt failed. It stays until somebody replays or deletes it. */
    dead: boolean('dead').notNull().default(false),
    lastError: text('last_error'),
    /** At most one waiting job of a kind has it. */
    key: text('key'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('jobs_ready')
      .on(table.tenantId, table.priority, table.id)
      .where(sql`ready`),
    index('jobs_waiting')
      .on(table.runAt)
      .where(sql`not ready and not dead`),
    index('jobs_dead')
      .on(table.id)
      .where(sql`dead`),
    uniqueIndex('jobs_key')
      .on(table.kind, table.key)
      .where(sql`key is not null and not dead`),
  ],
);

/** Kinds of jobs that recur. `nextAt` only moves forward, in the transaction that enqueues the job. */
export const schedules = pgTable('schedules', {
  name: text('name').primaryKey(),
  cron: text('cron').notNull(),
  nextAt: moment('next_at').notNull(),
});
