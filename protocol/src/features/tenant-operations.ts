/** Tenants, as the operator creates, reads and changes them. */
import { pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { CreateTenant, Tenant, TenantCreated, TenantParams, TenantsQuery, UpdateTenant } from './tenants.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;

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
