/** How much a tenant uses, for the operator, who bills it, and for its own back end. */
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';
import { CurrentUsage, Usage, UsageMonth, UsageMonthParams, UsageQuery } from './usage.ts';

const shared = { tag: 'Usage', method: 'GET', laned: false } as const;
const forOperator = { ...shared, access: 'operator', cost: 'none' } as const;

export const readUsage = defineOperation({
  ...forOperator,
  name: 'usage.read',
  summary: 'What a tenant has used, by day',
  path: '/admin/v1/tenants/:id/usage',
  params: TenantParams,
  input: UsageQuery,
  result: Usage,
});

export const readCurrentUsage = defineOperation({
  ...forOperator,
  name: 'usage.current',
  summary: 'What a tenant uses of its quotas',
  path: '/admin/v1/tenants/:id/usage/current',
  params: TenantParams,
  result: CurrentUsage,
});

export const readUsageMonth = defineOperation({
  ...forOperator,
  name: 'usage.month',
  summary: 'What an invoice for a month is written from',
  path: '/admin/v1/tenants/:id/usage/months/:month',
  params: UsageMonthParams,
  result: UsageMonth,
});

export const readOwnUsage = defineOperation({
  ...shared,
  name: 'usage.own',
  summary: 'What the tenant uses of its quotas',
  access: 'tenantAdmin',
  scope: 'admin',
  path: '/v1/tenant/usage',
  input: z.object({}),
  result: CurrentUsage,
  cost: 'turn',
});
