import { tenantOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { createTenant } from './create-tenant.ts';
import { setTenantStatus } from './suspend-tenant.ts';
import { getTenant, listTenants } from './tenant-queries.ts';
import { updateTenant } from './update-tenant.ts';

export interface TenantDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly secrets: Secrets;
}

export function bindTenants({ sql, publishEvents, secrets }: TenantDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.createTenant, async (operator, request) => {
      const { tid, apiKey } = await createTenant(sql, secrets, operator, request);
      return { ...(await getTenant(sql, tid)), apiKey };
    }),
    bindOperation(operations.listTenants, (_, query) => listTenants(sql, query)),
    bindOperation(operations.getTenant, (_, { id }) => getTenant(sql, id)),
    bindOperation(operations.updateTenant, async (operator, { id, ...change }) => {
      await updateTenant(sql, secrets, operator, id, change);
      return getTenant(sql, id);
    }),
    bindOperation(operations.suspendTenant, async (operator, { id }) => {
      await setTenantStatus(sql, publishEvents, operator, id, 'suspended');
      return getTenant(sql, id);
    }),
    bindOperation(operations.reactivateTenant, async (operator, { id }) => {
      await setTenantStatus(sql, publishEvents, operator, id, 'active');
      return getTenant(sql, id);
    }),
  ];
}
