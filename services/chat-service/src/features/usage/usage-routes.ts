import { STATUS, TenantId } from '@messagecore/protocol';
import { Usage, UsageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';
import { readUsage } from './read-usage.ts';

export function usageRoutes(app: App, sql: Sql): void {
  app.get(
    '/admin/v1/tenants/:id/usage',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Tenants'],
        summary: 'Messages that a tenant’s users have sent, by day',
        params: z.object({ id: TenantId }),
        querystring: UsageQuery,
        response: answers({ [STATUS.ok]: Usage }),
      },
    },
    async ({ params, query }) => ({ days: await readUsage(sql, params.id, query) }),
  );
}
