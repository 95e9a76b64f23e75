import { pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import type { EndpointUse } from '@messagecore/protocol/features';
import { moment } from '../../platform/database/columns.ts';

/** Where a tenant's own server is asked, by requests that are signed. */
export const tenantEndpoints = pgTable(
  'tenant_endpoints',
  {
    tenantId: uuid('tenant_id').notNull(),
    use: text('use').$type<EndpointUse>().notNull(),
    url: text('url').notNull(),
    /** core/identity/secrets.ts. */
    secretSealed: text('secret_sealed').notNull(),
    /** The one of before, and until when it signs too. */
    previousSecretSealed: text('previous_secret_sealed'),
    previousSecretUntil: moment('previous_secret_until'),
    changedAt: moment('changed_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.use] })],
);
