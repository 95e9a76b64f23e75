import type { Clock } from '@messagecore/kernel';
import { usageOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { currentUsage } from './current-usage.ts';
import { monthAt } from './months.ts';
import { readUsage } from './read-usage.ts';
import { usageMonth } from './usage-month.ts';

export function bindUsage(sql: Sql, clock: Pick<Clock, 'now'>): readonly BoundOperation[] {
  const present = () => monthAt(clock.now());
  return [
    bindOperation(operations.readUsage, async (_, { id, ...query }) => ({ days: await readUsage(sql, id, query) })),
    bindOperation(operations.readCurrentUsage, (_, { id }) => currentUsage(sql, id, present())),
    bindOperation(operations.readUsageMonth, (_, { id, month }) => usageMonth(sql, id, month, present())),
    bindOperation(operations.readOwnUsage, ({ tid }) => currentUsage(sql, tid, present())),
  ];
}
