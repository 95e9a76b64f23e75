/** Channels to which every user of the tenant is added. Its owner, its admins and its back end decide which. */
import { CidParams } from './conversations.ts';
import { DefaultChannel, DefaultChannels } from './directory.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Default channels', access: 'tenant', laned: false } as const;

export const listDefaultChannels = defineOperation({
  ...shared,
  name: 'defaultChannels.list',
  summary: 'List the tenant’s default channels',
  scope: 'read',
  method: 'GET',
  path: '/v1/default-channels',
  result: DefaultChannels,
  cost: 'page',
});

export const addDefaultChannel = defineOperation({
  ...shared,
  name: 'defaultChannels.add',
  summary: 'Add every user to a channel, those of now and those to come; guests and bots are left out',
  scope: 'write',
  method: 'PUT',
  path: '/v1/default-channels/:cid',
  params: CidParams,
  result: DefaultChannel,
  cost: { sends: 5 },
});

export const removeDefaultChannel = defineOperation({
  ...shared,
  name: 'defaultChannels.remove',
  summary: 'Add nobody else to a channel; who takes part stays',
  scope: 'write',
  method: 'DELETE',
  path: '/v1/default-channels/:cid',
  params: CidParams,
  cost: { sends: 1 },
});
