/** The API keys of a tenant, as the operator gives and revokes them. */
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { ApiKey, ApiKeyCreated, ApiKeyParams, CreateApiKey, TenantParams } from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;

export const createApiKey = defineOperation({
  ...shared,
  name: 'apiKeys.create',
  summary: 'Add an API key; it is shown here only',
  method: 'POST',
  path: '/admin/v1/tenants/:id/keys',
  params: TenantParams,
  input: CreateApiKey,
  result: ApiKeyCreated,
  creates: 'always',
});

export const listApiKeys = defineOperation({
  ...shared,
  name: 'apiKeys.list',
  summary: 'List API keys',
  method: 'GET',
  path: '/admin/v1/tenants/:id/keys',
  params: TenantParams,
  input: PageQuery,
  result: pageOf(ApiKey),
});

export const revokeApiKey = defineOperation({
  ...shared,
  name: 'apiKeys.revoke',
  summary: 'Revoke an API key',
  method: 'DELETE',
  path: '/admin/v1/tenants/:id/keys/:keyId',
  params: ApiKeyParams,
});
