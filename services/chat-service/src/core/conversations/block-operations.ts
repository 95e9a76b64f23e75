import { relationOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { listBlocks } from '../users/blocks.ts';
import { type BlockDeps, blockUser, unblockUser } from './block-user.ts';

export function bindBlocks(deps: BlockDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.listBlocks, (user, page) => listBlocks(deps.sql, user, page)),
    bindOperation(operations.addBlock, (actor, { user }) => blockUser(deps, actor, user)),
    bindOperation(operations.removeBlock, (actor, { user }) => unblockUser(deps, actor, user)),
  ];
}
