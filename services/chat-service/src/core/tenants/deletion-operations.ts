import { tenantDeletionOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { anySaga } from '../../platform/sagas/saga.ts';
import { cancelDeletion, type DeletionDeps, getDeletion, startDeletion } from './delete-tenant.ts';

export function bindDeletions(deps: DeletionDeps): readonly BoundOperation[] {
  const { sql } = deps;
  const kind = anySaga(deps.deletion);
  return [
    bindOperation(operations.startDeletion, async (operator, { id, graceHours }) => {
      await startDeletion(deps, operator, id, graceHours);
      return getDeletion(sql, kind, id);
    }),
    bindOperation(operations.getDeletion, (_, { id }) => getDeletion(sql, kind, id)),
    bindOperation(operations.cancelDeletion, (operator, { id }) => cancelDeletion(deps, operator, id)),
  ];
}
