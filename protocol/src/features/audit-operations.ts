/** The audit log of a tenant, as the operator reads and proves it. */
import { AuditEntry, AuditExport, AuditExportParams, AuditQuery, AuditVerdict } from './audit.ts';
import { pageOf } from './common.ts';
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
  input: AuditQuery,
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
