import { index, pgTable, primaryKey, text, uuid } from '../database/drizzle.ts';
import { counter, json, moment } from '../database/columns.ts';

/** What was done to a tenant by whom. Append-only: a trigger refuses every update and delete. */
export const auditLog = pgTable(
  'audit_log',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** 1, 2, 3 … for each tenant. */
    seq: counter('seq').notNull(),
    at: moment('at').notNull(),
    /** As `suspend_tenant`. */
    action: text('action').notNull(),
    /** Kind and id of who did it: `operator`, `backend:<key id>`, `user:<user id>`. */
    actor: text('actor').notNull(),
    /** Address from which the request came; empty when there was none. */
    address: text('address').notNull(),
    /** Kind and id of what it was done to. */
    target: text('target').notNull(),
    before: json('before').$type<object>(),
    after: json('after').$type<object>(),
    /** SHA-256 over the entry and the hash of the one before it, in hex. */
    hash: text('hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.seq] }),
    index('audit_log_action').on(table.tenantId, table.action, table.seq),
    index('audit_log_actor').on(table.tenantId, table.actor, table.seq),
    index('audit_log_target').on(table.tenantId, table.target, table.seq),
    index('audit_log_at').on(table.tenantId, table.at),
  ],
);

/** Where each tenant's chain ends. Its row lock makes the entries of a tenant follow each other. */
export const auditHeads = pgTable('audit_heads', {
  tenantId: uuid('tenant_id').primaryKey(),
  seq: counter('seq').notNull(),
  hash: text('hash').notNull(),
});
