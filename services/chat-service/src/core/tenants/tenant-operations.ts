import { tenantOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { changeSettings } from './change-settings.ts';
import { createTenant } from './create-tenant.ts';
import { setTenantStatus } from './suspend-tenant.ts';
import { readSettings } from './settings.ts';
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
    bindOperation(operations.readSettings, (_, { id }) => readSettings(sql, id)),
    bindOperation(operations.changeSettings, (operator, { id, ...change }) =>
      changeSettings(sql, operator, id, change),
    ),
    ...bindOwnTenant(sql, secrets),
  ];
}

/** The same for the tenant's own admins. */
function bindOwnTenant(sql: Sql, secrets: Secrets): readonly BoundOperation[] {
  return [
    bindOperation(operations.getOwnTenant, ({ tid }) => getTenant(sql, tid)),
    bindOperation(operations.updateOwnTenant, async (admin, change) => {
      await updateTenant(sql, secrets, admin, admin.tid, change);
      return getTenant(sql, admin.tid);
    }),
    bindOperation(operations.readOwnSettings, ({ tid }) => readSettings(sql, tid)),
    bindOperation(operations.changeOwnSettings, (admin, change) => changeSettings(sql, admin, admin.tid, change)),
  ];
}
