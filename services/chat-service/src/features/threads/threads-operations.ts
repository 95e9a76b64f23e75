import { threadOperations as operations } from '@messagecore/protocol/features';
import { repliesPage } from '../../core/messages/replies.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';
import { setThread, type ThreadDeps } from './set-thread.ts';
import { getThread, listOwnThreads, listThreads } from './thread-queries.ts';

export function bindThreads(deps: ThreadDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.getThread, (user, { cid, seq }) => getThread(sql, user, cid, seq)),
    bindOperation(operations.listThreads, (user, { cid, ...query }) => listThreads(sql, user, cid, query)),
    bindOperation(operations.listReplies, async (user, { cid, seq, ...query }) => {
      await checkVisible(sql, user, cid, seq);
      return new ReadyJson(await repliesPage(sql, user, { cid, seq }, query));
    }),
    bindOperation(operations.listOwnThreads, (user, query) => listOwnThreads(sql, user, query)),
    bindOperation(operations.followThread, (user, root) => setThread(deps, user, root, { follows: true })),
    bindOperation(operations.unfollowThread, (user, root) => setThread(deps, user, root, { follows: false })),
    bindOperation(operations.readThread, (user, { pos, ...root }) => setThread(deps, user, root, { readUpTo: pos })),
  ];
}
