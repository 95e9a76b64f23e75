import { ChatError } from '@messagecore/protocol';
import { defaultChannelOperations as operations } from '@messagecore/protocol/features';
import { readStanding } from '../../core/conversations/conversation-queries.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { readTenantRole } from '../../core/users/user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { addDefaultChannel, type Administrator, removeDefaultChannel } from './change-default-channels.ts';
import { readDefaultChannels } from './read-default-channels.ts';

export function bindDefaultChannels(sql: Sql): readonly BoundOperation[] {
  const list = async (tid: string) => ({ items: await readDefaultChannels(sql, tid) });
  return [
    bindOperation(operations.listDefaultChannels, async (caller) => list((await administrator(sql, caller)).tid)),
    bindOperation(operations.addDefaultChannel, async (caller, { cid }) => {
      await findConversation(sql, caller, cid);
      return addDefaultChannel(sql, await administrator(sql, caller), cid);
    }),
    bindOperation(operations.removeDefaultChannel, async (caller, { cid }) => {
      await findConversation(sql, caller, cid);
      return removeDefaultChannel(sql, await administrator(sql, caller), cid);
    }),
    bindOperation(operations.listDefaultChannelsOf, (_, { id }) => list(id)),
    bindOperation(operations.addDefaultChannelOf, (operator, { id, channel }) =>
      addDefaultChannel(sql, { tid: id, ...operator }, channel),
    ),
    bindOperation(operations.removeDefaultChannelOf, (operator, { id, channel }) =>
      removeDefaultChannel(sql, { tid: id, ...operator }, channel),
    ),
  ];
}

/** What is of another tenant is not found, whoever asks (ISO-3). */
async function findConversation(sql: Sql, { tid }: Reader, cid: string): Promise<void> {
  await readStanding(sql, { tid, uid: undefined }, cid);
}

/** The tenant's back end, its owner and its admins. Throws `forbidden`. */
async function administrator(sql: Sql, { tid, uid }: Reader): Promise<Administrator> {
  if (uid === undefined) return { tid, actor: 'backend', address: '' };
  const role = await readTenantRole(sql, tid, uid);
  if (role !== 'owner' && role !== 'admin') throw new ChatError('forbidden', 'only admins of the tenant may');
  return { tid, actor: `user:${uid}`, address: '' };
}
