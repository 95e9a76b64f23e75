import { exportOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { exportPage } from './export-page.ts';

export function bindExport(sql: Sql): readonly BoundOperation[] {
  return [bindOperation(operations.exportMessages, (caller, { cid, ...page }) => exportPage(sql, caller, cid, page))];
}
