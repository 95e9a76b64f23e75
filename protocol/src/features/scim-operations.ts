/** Settings of provisioning by SCIM, as the operator and the tenant's own admins keep them. */
import { defineOperation } from './operation.ts';
import { ScimSettings } from './scim.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;
const own = { tag: 'Tenant', access: 'tenantAdmin', scope: 'admin', laned: false } as const;

const get = {
  summary: 'Which groups of a tenant’s directory give which roles',
  method: 'GET',
  result: ScimSettings,
} as const;
const update = {
  summary: 'Say which groups of a tenant’s directory give which roles',
  method: 'PUT',
  input: ScimSettings,
  result: ScimSettings,
} as const;

export const getScim = defineOperation({
  ...shared,
  ...get,
  name: 'scim.get',
  path: '/admin/v1/tenants/:id/scim',
  params: TenantParams,
});

export const updateScim = defineOperation({
  ...shared,
  ...update,
  name: 'scim.update',
  path: '/admin/v1/tenants/:id/scim',
  params: TenantParams,
});

export const getOwnScim = defineOperation({
  ...own,
  ...get,
  name: 'ownTenant.scim',
  path: '/v1/tenant/scim',
  cost: 'turn',
});

export const updateOwnScim = defineOperation({
  ...own,
  ...update,
  name: 'ownTenant.updateScim',
  path: '/v1/tenant/scim',
  cost: { sends: 1 },
});
