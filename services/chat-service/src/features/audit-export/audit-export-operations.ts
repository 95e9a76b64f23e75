import { ChatError } from '@messagecore/protocol';
import { auditOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import type { ExportState } from './export-log.saga.ts';
import { findExport } from './find-export.ts';
import { startExport } from './start-export.ts';

/** Without a saga there is no place for files. */
export function bindAuditExport(sql: Sql, saga: SagaKind<ExportState> | undefined): readonly BoundOperation[] {
  const exporting = () => {
    if (saga === undefined)
      throw new ChatError('unavailable', 'there is no place for files: the setting BLOBS names one');
    return saga;
  };
  return [
    bindOperation(operations.exportAudit, async (operator, { id }) => {
      const kind = exporting();
      return findExport(sql, kind, id, await startExport(sql, kind, operator, id));
    }),
    bindOperation(operations.getAuditExport, (_, { id, exportId }) => findExport(sql, exporting(), id, exportId)),
  ];
}
