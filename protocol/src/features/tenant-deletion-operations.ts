/** The deletion of a tenant, as the operator asks for it, watches it and takes it back. */
import { defineOperation } from './operation.ts';
import { StartDeletion, TenantDeletion } from './tenant-deletions.ts';
import { TenantParams } from './tenants.ts';

const shared = {
  tag: 'Tenants',
  access: 'operator',
  path: '/admin/v1/tenants/:id/deletion',
  params: TenantParams,
  cost: 'none',
  laned: false,
} as const;

export const startDeletion = defineOperation({
  ...shared,
  name: 'tenantDeletions.start',
  summary: 'Delete a tenant: everything of it stops at once, and is deleted after a time of grace',
  method: 'POST',
  input: StartDeletion,
  result: TenantDeletion,
  creates: 'always',
});

export const getDeletion = defineOperation({
  ...shared,
  name: 'tenantDeletions.get',
  summary: 'How far the deletion of a tenant is',
  method: 'GET',
  result: TenantDeletion,
});

export const cancelDeletion = defineOperation({
  ...shared,
  name: 'tenantDeletions.cancel',
  summary: 'Take back the deletion of a tenant, during the time of grace',
  method: 'DELETE',
});
