import { usageOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { readUsage } from './read-usage.ts';

export function bindUsage(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.readUsage, async (_, { id, ...days }) => ({ days: await readUsage(sql, id, days) })),
  ];
}
