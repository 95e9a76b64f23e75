import { ChatError } from '@messagecore/protocol';
import { backgroundOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../database/connect.ts';
import { bindOperation, type BoundOperation } from '../operations/carry-out.ts';
import { listDead } from './dead-jobs.ts';
import { replay, stateOf } from './job-store.ts';

export function bindJobs(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.readJobQueue, () => stateOf(sql)),
    bindOperation(operations.listDeadJobs, (_, query) => listDead(sql, query)),
    bindOperation(operations.replayJob, async (_, { id }) => {
      if (!(await replay(sql, id))) throw new ChatError('not_found', 'no such dead job');
    }),
  ];
}
