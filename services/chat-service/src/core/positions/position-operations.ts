import { ChatError } from '@messagecore/protocol';
import type { RpcItem, RpcResult } from '@messagecore/protocol/bus';
import { messageOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';

export interface PositionDeps {
  readonly read: (items: readonly RpcItem<'read'>[]) => Promise<readonly (RpcResult<'read'> | ChatError)[]>;
}

export function bindPositions({ read }: PositionDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.moveReadPosition, async ({ tid, uid }, { cid, pos }) => {
      const [position] = await read([{ tid, uid, cid, pos }]);
      if (position instanceof ChatError) throw position;
      if (position === undefined) throw new Error('no answer');
      return position;
    }),
  ];
}
