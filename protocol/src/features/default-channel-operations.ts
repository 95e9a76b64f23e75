/** Channels to which every user of a tenant is added. Its owner, its admins, its back end and the operator decide which. */
import { CidParams } from './conversations.ts';
import { DefaultChannel, DefaultChannelParams, DefaultChannels } from './directory.ts';
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Default channels', access: 'tenantAdmin', scope: 'admin', laned: false } as const;

export const listDefaultChannels = defineOperation({
  ...shared,
  name: 'defaultChannels.list',
  summary: 'List the tenant’s default channels',
  method: 'GET',
  path: '/v1/default-channels',
  result: DefaultChannels,
  cost: 'page',
});

export const addDefaultChannel = defineOperation({
  ...shared,
  name: 'defaultChannels.add',
  summary: 'Add every user to a channel, those of now and those to come; guests and bots are left out',
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
  method: 'DELETE',
  path: '/v1/default-channels/:cid',
  params: CidParams,
  cost: { sends: 1 },
});

const ofOperator = { tag: 'Default channels', access: 'operator', laned: false, cost: 'none' } as const;

export const listDefaultChannelsOf = defineOperation({
  ...ofOperator,
  name: 'tenants.defaultChannels.list',
  summary: 'List a tenant’s default channels',
  method: 'GET',
  path: '/admin/v1/tenants/:id/default-channels',
  params: TenantParams,
  result: DefaultChannels,
});

export const addDefaultChannelOf = defineOperation({
  ...ofOperator,
  name: 'tenants.defaultChannels.add',
  summary: 'Add every user of a tenant to a channel',
  method: 'PUT',
  path: '/admin/v1/tenants/:id/default-channels/:channel',
  params: DefaultChannelParams,
  result: DefaultChannel,
});

export const removeDefaultChannelOf = defineOperation({
  ...ofOperator,
  name: 'tenants.defaultChannels.remove',
  summary: 'Add no other user of a tenant to a channel',
  method: 'DELETE',
  path: '/admin/v1/tenants/:id/default-channels/:channel',
  params: DefaultChannelParams,
});
