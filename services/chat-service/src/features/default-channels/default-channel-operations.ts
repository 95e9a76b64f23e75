import { defaultChannelOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { addDefaultChannel, removeDefaultChannel, requireTenantAdmin } from './change-default-channels.ts';
import { readDefaultChannels } from './read-default-channels.ts';

export function bindDefaultChannels(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.listDefaultChannels, async (caller) => {
      await requireTenantAdmin(sql, caller);
      return { items: await readDefaultChannels(sql, caller.tid) };
    }),
    bindOperation(operations.addDefaultChannel, (caller, { cid }) => addDefaultChannel(sql, caller, cid)),
    bindOperation(operations.removeDefaultChannel, (caller, { cid }) => removeDefaultChannel(sql, caller, cid)),
  ];
}
