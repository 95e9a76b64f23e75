/** How much a tenant's users send, as the operator reads it. */
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';
import { Usage, UsageQuery } from './usage.ts';

export const readUsage = defineOperation({
  name: 'usage.read',
  summary: 'Messages that a tenant’s users have sent, by day',
  tag: 'Tenants',
  access: 'operator',
  method: 'GET',
  path: '/admin/v1/tenants/:id/usage',
  params: TenantParams,
  input: UsageQuery,
  result: Usage,
  cost: 'none',
  laned: false,
});
