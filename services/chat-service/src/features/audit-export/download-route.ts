import { ChatError, STATUS } from '@messagecore/protocol';
import { AuditExportParams } from '@messagecore/protocol/features';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Blob, BlobStore } from '../../platform/blobs/blob-store.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { keyOfPart } from './export-files.ts';
import type { ExportState } from './export-log.saga.ts';
import { findExport } from './find-export.ts';

export interface DownloadDeps {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  readonly saga: SagaKind<ExportState>;
}

const NDJSON = 'application/x-ndjson';
const PartParams = AuditExportParams.extend({
  part: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'not a part')
    .transform(Number),
});

/** A file is no result of an operation: it goes from where it is kept to the caller and is never in memory as a whole. */
export function downloadRoute(app: App, { sql, blobs, saga }: DownloadDeps): void {
  app.get(
    '/admin/v1/tenants/:id/audit/exports/:exportId/parts/:part',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Audit'],
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

function sendBlob(reply: FastifyReply, { bytes, content }: Blob): FastifyReply {
  return reply.type(NDJSON).header('content-length', bytes).send(content);
}
