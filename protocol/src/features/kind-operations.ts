/** The kinds of messages that a tenant defines. Its owner, its admins and its back end decide which; everybody may know them. */
import { z } from 'zod';
import { KindParams, SetKind, TenantKind } from './kinds.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Kinds of messages', laned: false } as const;
const deciding = { ...shared, access: 'tenantAdmin', scope: 'admin', cost: { sends: 5 } } as const;

export const listKinds = defineOperation({
  ...shared,
  name: 'kinds.list',
  summary: 'List the kinds of messages that the tenant has defined, by name',
  access: 'tenant',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/message-kinds',
  result: z.object({ items: z.array(TenantKind) }),
  cost: 'page',
});

export const setKind = defineOperation({
  ...deciding,
  name: 'kinds.set',
  summary: 'Define a kind of messages, or change its schema; what was sent before stays as it is',
  method: 'PUT',
  path: '/v1/message-kinds/:kind',
  params: KindParams,
  input: SetKind,
  result: TenantKind,
});

export const removeKind = defineOperation({
  ...deciding,
  name: 'kinds.remove',
  summary: 'Take no more messages of a kind; what was sent before stays as it is',
  method: 'DELETE',
  path: '/v1/message-kinds/:kind',
  params: KindParams,
});
