import { ChatError } from '@messagecore/protocol';
import type { RpcItem, RpcResult } from '@messagecore/protocol/bus';
import { messageOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { receiptsOf } from './receipts.ts';

export interface PositionDeps {
  readonly sql: Sql;
  readonly read: (items: readonly RpcItem<'read'>[]) => Promise<readonly (RpcResult<'read'> | ChatError)[]>;
}

export function bindPositions({ sql, read }: PositionDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.moveReadPosition, async ({ tid, uid }, { cid, pos }) => {
      const [position] = await read([{ tid, uid, cid, pos }]);
      if (position instanceof ChatError) throw position;
      if (position === undefined) throw new Error('no answer');
      return position;
    }),
    bindOperation(operations.listReceipts, (reader, { cid, seq, ...query }) =>
      receiptsOf(sql, reader, { cid, seq }, query),
    ),
  ];
}
