/** Tenants, as the operator creates, reads and changes them, and as their own admins do. */
import { pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { TenantSettings, UpdateTenantSettings } from './tenant-settings.ts';
import {
  CreateTenant,
  Tenant,
  TenantCreated,
  TenantParams,
  TenantsQuery,
  UpdateOwnTenant,
  UpdateTenant,
} from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;
const own = { tag: 'Tenant', access: 'tenantAdmin', scope: 'admin', laned: false } as const;

export const createTenant = defineOperation({
  ...shared,
  name: 'tenants.create',
  summary: 'Create a tenant with its first API key',
  method: 'POST',
  path: '/admin/v1/tenants',
  input: CreateTenant,
  result: TenantCreated,
  creates: 'always',
});

export const listTenants = defineOperation({
  ...shared,
  name: 'tenants.list',
  summary: 'List tenants',
  method: 'GET',
  path: '/admin/v1/tenants',
  input: TenantsQuery,
  result: pageOf(Tenant),
});

export const getTenant = defineOperation({
  ...shared,
  name: 'tenants.get',
  summary: 'Read a tenant',
  method: 'GET',
  path: '/admin/v1/tenants/:id',
  params: TenantParams,
  result: Tenant,
});

export const updateTenant = defineOperation({
  ...shared,
  name: 'tenants.update',
  summary: 'Change a tenant',
  method: 'PATCH',
  path: '/admin/v1/tenants/:id',
  params: TenantParams,
  input: UpdateTenant,
  result: Tenant,
});

export const suspendTenant = defineOperation({
  ...shared,
  name: 'tenants.suspend',
  summary: 'Suspend a tenant',
  method: 'POST',
  path: '/admin/v1/tenants/:id/suspend',
  params: TenantParams,
  result: Tenant,
});

export const reactivateTenant = defineOperation({
  ...shared,
  name: 'tenants.reactivate',
  summary: 'Reactivate a tenant',
  method: 'POST',
  path: '/admin/v1/tenants/:id/reactivate',
  params: TenantParams,
  result: Tenant,
});

export const readSettings = defineOperation({
  ...shared,
  name: 'tenants.settings',
  summary: 'Read a tenant’s settings, with what holds where nothing is set',
  method: 'GET',
  path: '/admin/v1/tenants/:id/settings',
  params: TenantParams,
  result: TenantSettings,
});

export const changeSettings = defineOperation({
  ...shared,
  name: 'tenants.changeSettings',
  summary: 'Change a tenant’s settings',
  method: 'PATCH',
  path: '/admin/v1/tenants/:id/settings',
  params: TenantParams,
  input: UpdateTenantSettings,
  result: TenantSettings,
});

export const getOwnTenant = defineOperation({
  ...own,
  name: 'ownTenant.get',
  summary: 'Read one’s own tenant',
  method: 'GET',
  path: '/v1/tenant',
  result: Tenant,
  cost: 'turn',
});

export const updateOwnTenant = defineOperation({
  ...own,
  name: 'ownTenant.update',
  summary: 'Rename one’s own tenant, or change the secret with which it signs tokens',
  method: 'PATCH',
  path: '/v1/tenant',
  input: UpdateOwnTenant,
  result: Tenant,
  cost: { sends: 1 },
});

export const readOwnSettings = defineOperation({
  ...own,
  name: 'ownTenant.settings',
  summary: 'Read the settings of one’s own tenant, with what holds where nothing is set',
  method: 'GET',
  path: '/v1/tenant/settings',
  result: TenantSettings,
  cost: 'turn',
});

export const changeOwnSettings = defineOperation({
  ...own,
  name: 'ownTenant.changeSettings',
  summary: 'Change the settings of one’s own tenant',
  method: 'PATCH',
  path: '/v1/tenant/settings',
  input: UpdateTenantSettings,
  result: TenantSettings,
  cost: { sends: 1 },
});
