/** Settings of provisioning by SCIM. */
import { defineOperation } from './operation.ts';
import { ScimSettings } from './scim.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;

export const getScim = defineOperation({
  ...shared,
  name: 'scim.get',
  summary: 'Which groups of a tenant’s directory give which roles',
  method: 'GET',
  path: '/admin/v1/tenants/:id/scim',
  params: TenantParams,
  result: ScimSettings,
});

export const updateScim = defineOperation({
  ...shared,
  name: 'scim.update',
  summary: 'Say which groups of a tenant’s directory give which roles',
  method: 'PUT',
  path: '/admin/v1/tenants/:id/scim',
  params: TenantParams,
  input: ScimSettings,
  result: ScimSettings,
});
