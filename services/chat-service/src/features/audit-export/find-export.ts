import { ChatError } from '@messagecore/protocol';
import type { AuditExport } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { anySaga, type SagaKind } from '../../platform/sagas/saga.ts';
import { getSaga } from '../../platform/sagas/saga-queries.ts';
import { EXPIRES_AFTER_MS, partsOf } from './export-files.ts';
import { EXPORT_LOG, type ExportState } from './export-log.saga.ts';

/** An export of this tenant's log. Throws `not_found`. */
export async function findExport(
  sql: Sql,
  kind: SagaKind<ExportState>,
  tid: string,
  exportId: string,
): Promise<AuditExport> {
  const saga = await getSaga(sql, [anySaga(kind)], exportId);
  if (saga === undefined || saga.kind !== EXPORT_LOG || saga.tenantId !== tid) {
    throw new ChatError('not_found', 'no such export');
  }
  const { status, progress: entries, total, error, createdAt } = saga;
  const upTo = total ?? 0;
  return {
    exportId,
    status: status === 'done' || status === 'running' ? status : 'failed',
    ...{ entries, total: upTo, parts: partsOf({ upTo }), error, createdAt },
    expiresAt: createdAt + EXPIRES_AFTER_MS,
  };
}
