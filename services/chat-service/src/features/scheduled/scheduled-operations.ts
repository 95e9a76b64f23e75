import { scheduledOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { removeScheduled, updateScheduled } from './change-scheduled.ts';
import { schedule } from './create-scheduled.ts';
import type { ScheduledDeps } from './deps.ts';
import { listScheduled } from './list-scheduled.ts';

export function bindScheduled(deps: ScheduledDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.createScheduled, (user, message) => schedule(deps, user, message)),
    bindOperation(operations.updateScheduled, (user, change) => updateScheduled(deps, user, change)),
    bindOperation(operations.removeScheduled, (user, key) => removeScheduled(deps, user, key)),
    bindOperation(operations.listScheduled, (user, page) => listScheduled(deps.sql, user, page)),
  ];
}
