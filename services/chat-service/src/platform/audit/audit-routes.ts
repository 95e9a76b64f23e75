import { STATUS, TenantId } from '@messagecore/protocol';
import { AuditEntry, AuditVerdict, PageQuery, pageOf } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import type { App } from '../http/app-type.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { answers } from '../http/shapes.ts';
import { readAudit, verifyAudit } from './audit-log.ts';
import { viewOf } from './entry-view.ts';

const TenantParams = z.object({ id: TenantId });
const Position = z.tuple([z.int()]);
const config = { access: 'operator' } as const;
const tags = ['Audit'];

export function auditRoutes(app: App, sql: Sql): void {
  app.get(
    '/admin/v1/tenants/:id/audit',
    {
      config,
      schema: {
        tags,
        summary: 'What was done to a tenant, oldest first',
        params: TenantParams,
        querystring: PageQuery,
        response: answers({ [STATUS.ok]: pageOf(AuditEntry) }),
      },
    },
    async ({ params, query: { cursor, limit } }) => {
      const after = decodeCursor(cursor, Position)?.[0] ?? 0;
      const rows = await readAudit(sql, params.id, after, limit + 1);
      const items = rows.slice(0, limit).map(viewOf);
      const last = items.at(-1);
      return { items, next: rows.length > limit && last ? encodeCursor([last.seq]) : null };
    },
  );

  app.get(
    '/admin/v1/tenants/:id/audit/verification',
    {
      config,
      schema: {
        tags,
        summary: 'Prove that nothing in a tenant’s log was changed or taken away',
        params: TenantParams,
        response: answers({ [STATUS.ok]: AuditVerdict }),
      },
    },
    async ({ params }) => {
      const { entries, brokenAt = null } = await verifyAudit(sql, params.id);
      return { entries, brokenAt };
    },
  );
}
