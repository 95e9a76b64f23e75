import { ChatError, STATUS, TenantId } from '@messagecore/protocol';
import { AuditExport } from '@messagecore/protocol/features';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { operatorOf } from '../../core/identity/auth-plugin.ts';
import type { Blob, BlobStore } from '../../platform/blobs/blob-store.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { keyOfPart } from './export-files.ts';
import type { ExportState } from './export-log.saga.ts';
import { findExport } from './find-export.ts';
import { startExport } from './start-export.ts';

export interface AuditExportRouteDeps {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  readonly saga: SagaKind<ExportState>;
}

const NDJSON = 'application/x-ndjson';
const TenantParams = z.object({ id: TenantId });
const ExportParams = TenantParams.extend({ exportId: z.uuid().toLowerCase() });
const PartParams = ExportParams.extend({
  part: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'not a part')
    .transform(Number),
});
const config = { access: 'operator' } as const;
const tags = ['Audit'];

export function auditExportRoutes(app: App, { sql, blobs, saga }: AuditExportRouteDeps): void {
  app.post(
    '/admin/v1/tenants/:id/audit/exports',
    {
      config,
      schema: {
        tags,
        summary: 'Have a tenant’s log exported as it is now',
        description: 'Refused with `conflict` while another export of it is under way.',
        params: TenantParams,
        response: answers({ [STATUS.created]: AuditExport }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const exportId = await startExport(sql, saga, operatorOf(request), id);
      return reply.code(STATUS.created).send(await findExport(sql, saga, id, exportId));
    },
  );

  app.get(
    '/admin/v1/tenants/:id/audit/exports/:exportId',
    {
      config,
      schema: {
        tags,
        summary: 'How far an export is, and in how many parts it comes',
        params: ExportParams,
        response: answers({ [STATUS.ok]: AuditExport }),
      },
    },
    async ({ params }) => findExport(sql, saga, params.id, params.exportId),
  );

  app.get(
    '/admin/v1/tenants/:id/audit/exports/:exportId/parts/:part',
    {
      config,
      schema: {
        tags,
        summary: 'Download a part of an export: a line of JSON an entry',
        description: 'Refused with `conflict` until the export is done, with `not_found` when it has expired.',
        params: PartParams,
        response: answers({ [STATUS.ok]: { description: 'Entries', content: { [NDJSON]: { schema: z.string() } } } }),
      },
    },
    async ({ params }, reply) => {
      const { id: tid, exportId, part } = params;
      const { status, total: upTo } = await findExport(sql, saga, tid, exportId);
      if (status !== 'done') throw new ChatError('conflict', `the export is ${status}`);
      const blob = await blobs.get(keyOfPart({ tid, upTo }, part));
      if (blob === undefined) throw new ChatError('not_found', 'no such part');
      return sendBlob(reply, blob);
    },
  );
}

/** As it comes from where it is kept: it is never in memory as a whole. */
function sendBlob(reply: FastifyReply, { bytes, content }: Blob): FastifyReply {
  return reply.type(NDJSON).header('content-length', bytes).send(content);
}
