import { STATUS } from '@messagecore/protocol';
import { TenantParams, UsageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';
import { readUsage } from './read-usage.ts';
import { usageCsv } from './usage-csv.ts';

const CSV = 'text/csv';

/** The days of `usage.read` as a file. */
export function usageRoutes(app: App, sql: Sql): void {
  app.get(
    '/admin/v1/tenants/:id/usage.csv',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Usage'],
        summary: 'What a tenant has used, by day, as CSV',
        params: TenantParams,
        querystring: UsageQuery,
        response: answers({ [STATUS.ok]: { description: 'A line a day', content: { [CSV]: { schema: z.string() } } } }),
      },
    },
    async ({ params, query }, reply) =>
      reply
        .type(`${CSV}; charset=utf-8; header=present`)
        .header('content-disposition', 'attachment; filename="usage.csv"')
        .send(usageCsv(await readUsage(sql, params.id, query))),
  );
}
