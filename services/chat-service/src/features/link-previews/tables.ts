import { index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { json, moment } from '../../platform/database/columns.ts';

/** What pages said of themselves; null where there was nothing to show. */
export const linkPreviews = pgTable(
  'link_previews',
  {
    tenantId: uuid('tenant_id').notNull(),
    urlHash: text('url_hash').notNull(),
    preview: json('preview'),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.urlHash] }),
    index('link_previews_expires').on(table.expiresAt),
  ],
);
