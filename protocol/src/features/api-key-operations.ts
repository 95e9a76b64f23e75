/** The API keys of a tenant, as the operator and the tenant's own admins give, rotate and revoke them. */
import { ApiKey, ApiKeyCreated, ApiKeyParams, CreateApiKey, OwnKeyParams, RotateApiKey } from './api-keys.ts';
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;
const own = { tag: 'Tenant', access: 'tenantAdmin', scope: 'admin', laned: false } as const;

const create = {
  summary: 'Add an API key; it is shown here only',
  method: 'POST',
  input: CreateApiKey,
  result: ApiKeyCreated,
  creates: 'always',
} as const;
const list = { summary: 'List API keys', method: 'GET', input: PageQuery, result: pageOf(ApiKey) } as const;
const rotate = {
  summary: 'Replace an API key by a new one, shown here only',
  method: 'POST',
  input: RotateApiKey,
  result: ApiKeyCreated,
  creates: 'always',
} as const;
const revoke = { summary: 'Revoke an API key', method: 'DELETE' } as const;

export const createApiKey = defineOperation({
  ...shared,
  ...create,
  name: 'apiKeys.create',
  path: '/admin/v1/tenants/:id/keys',
  params: TenantParams,
});

export const listApiKeys = defineOperation({
  ...shared,
  ...list,
  name: 'apiKeys.list',
  path: '/admin/v1/tenants/:id/keys',
  params: TenantParams,
});

export const rotateApiKey = defineOperation({
  ...shared,
  ...rotate,
  name: 'apiKeys.rotate',
  path: '/admin/v1/tenants/:id/keys/:keyId/rotate',
  params: ApiKeyParams,
});

export const revokeApiKey = defineOperation({
  ...shared,
  ...revoke,
  name: 'apiKeys.revoke',
  path: '/admin/v1/tenants/:id/keys/:keyId',
  params: ApiKeyParams,
});

export const createOwnKey = defineOperation({
  ...own,
  ...create,
  name: 'ownTenant.createKey',
  path: '/v1/tenant/keys',
  cost: { sends: 1 },
});

export const listOwnKeys = defineOperation({
  ...own,
  ...list,
  name: 'ownTenant.listKeys',
  path: '/v1/tenant/keys',
  cost: 'page',
});

export const rotateOwnKey = defineOperation({
  ...own,
  ...rotate,
  name: 'ownTenant.rotateKey',
  path: '/v1/tenant/keys/:keyId/rotate',
  params: OwnKeyParams,
  cost: { sends: 1 },
});

export const revokeOwnKey = defineOperation({
  ...own,
  ...revoke,
  name: 'ownTenant.revokeKey',
  path: '/v1/tenant/keys/:keyId',
  params: OwnKeyParams,
  cost: { sends: 1 },
});
