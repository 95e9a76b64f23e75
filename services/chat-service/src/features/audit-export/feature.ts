/** Export of a tenant's audit log into blobs (COMP-1). */
import type { BlobStore } from '../../platform/blobs/blob-store.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { type AnySaga, anySaga } from '../../platform/sagas/saga.ts';
import { bindAuditExport } from './audit-export-operations.ts';
import { deleteExport } from './delete-export.job.ts';
import { downloadRoute } from './download-route.ts';
import { exportLog } from './export-log.saga.ts';

export interface AuditExportDeps {
  readonly sql: Sql;
  /** Undefined where there is no place for files: then there are no exports. */
  readonly blobs: BlobStore | undefined;
}

export interface AuditExport {
  readonly name?: string;
  readonly operations: readonly BoundOperation[];
  routes?(app: App): void;
  readonly jobs?: readonly JobKind[];
  readonly sagas?: readonly AnySaga[];
}

export function createAuditExport({ sql, blobs }: AuditExportDeps): AuditExport {
  if (blobs === undefined) return { operations: bindAuditExport(sql, undefined) };
  const saga = exportLog(blobs);
  return {
    name: 'audit-export',
    operations: bindAuditExport(sql, saga),
    routes: (app) => downloadRoute(app, { sql, blobs, saga }),
    jobs: [deleteExport(blobs)],
    sagas: [anySaga(saga)],
  };
}
