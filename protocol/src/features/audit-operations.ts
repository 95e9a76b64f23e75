/** The audit log of a tenant, as the operator reads and proves it, and as the tenant's own admins read it. */
import { AuditEntry, AuditExport, AuditExportParams, AuditQuery, AuditVerdict } from './audit.ts';
import { pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { TenantParams } from './tenants.ts';

const shared = { tag: 'Audit', access: 'operator', cost: 'none', laned: false } as const;

const list = {
  summary: 'What was done to a tenant, oldest first',
  method: 'GET',
  input: AuditQuery,
  result: pageOf(AuditEntry),
} as const;

export const listAudit = defineOperation({
  ...shared,
  ...list,
  name: 'audit.list',
  path: '/admin/v1/tenants/:id/audit',
  params: TenantParams,
});

export const listOwnAudit = defineOperation({
  ...list,
  name: 'ownTenant.listAudit',
  tag: 'Tenant',
  access: 'tenantAdmin',
  scope: 'admin',
  path: '/v1/tenant/audit',
  cost: 'page',
  laned: false,
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

export const exportAudit = defineOperation({
  ...shared,
  name: 'audit.export',
  summary: 'Have a tenant’s log exported as it is now; refused while another export of it is under way',
  method: 'POST',
  path: '/admin/v1/tenants/:id/audit/exports',
  params: TenantParams,
  result: AuditExport,
  creates: 'always',
});

export const getAuditExport = defineOperation({
  ...shared,
  name: 'audit.getExport',
  summary: 'How far an export is, and in how many parts it comes',
  method: 'GET',
  path: '/admin/v1/tenants/:id/audit/exports/:exportId',
  params: AuditExportParams,
  result: AuditExport,
});
