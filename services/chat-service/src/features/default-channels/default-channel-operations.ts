import { defaultChannelOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { addDefaultChannel, removeDefaultChannel } from './change-default-channels.ts';
import { readDefaultChannels } from './read-default-channels.ts';

export function bindDefaultChannels(sql: Sql): readonly BoundOperation[] {
  const list = async (tid: string) => ({ items: await readDefaultChannels(sql, tid) });
  return [
    bindOperation(operations.listDefaultChannels, ({ tid }) => list(tid)),
    bindOperation(operations.addDefaultChannel, (caller, { cid }) => addDefaultChannel(sql, caller, cid)),
    bindOperation(operations.removeDefaultChannel, (caller, { cid }) => removeDefaultChannel(sql, caller, cid)),
    bindOperation(operations.listDefaultChannelsOf, (_, { id }) => list(id)),
    bindOperation(operations.addDefaultChannelOf, (operator, { id, channel }) =>
      addDefaultChannel(sql, { tid: id, uid: undefined, ...operator }, channel),
    ),
    bindOperation(operations.removeDefaultChannelOf, (operator, { id, channel }) =>
      removeDefaultChannel(sql, { tid: id, uid: undefined, ...operator }, channel),
    ),
  ];
}
