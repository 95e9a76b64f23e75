/** The audit log of a tenant, as the operator reads and proves it. */
import { AuditEntry, AuditVerdict } from './audit.ts';
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Audit', access: 'operator', cost: 'none', laned: false } as const;

export const listAudit = defineOperation({
  ...shared,
  name: 'audit.list',
  summary: 'What was done to a tenant, oldest first',
  method: 'GET',
  path: '/admin/v1/tenants/:id/audit',
  params: TenantParams,
  input: PageQuery,
  result: pageOf(AuditEntry),
});

export const verifyAudit = defineOperation({
  ...shared,
  name: 'audit.verify',
  summary: 'Prove that nothing in a tenant’s log was changed or taken away',
  method: 'GET',
  path: '/admin/v1/tenants/:id/audit/verification',
  params: TenantParams,
  result: AuditVerdict,
});
