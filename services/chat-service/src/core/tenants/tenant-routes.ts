import { STATUS, TenantId } from '@messagecore/protocol';
import {
  CreateTenant,
  pageOf,
  Tenant,
  TenantCreated,
  TenantsQuery,
  UpdateTenant,
} from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Secrets } from '../identity/secrets.ts';
import { getTenant, listTenants } from './tenant-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { operatorOf } from '../identity/auth-plugin.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { createTenant } from './create-tenant.ts';
import { setTenantStatus } from './suspend-tenant.ts';
import { updateTenant } from './update-tenant.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';

const TenantParams = z.object({ id: TenantId });
const config = { access: 'operator' } as const;
const tags = ['Tenants'];

interface TenantRouteDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly secrets: Secrets;
}

export function tenantRoutes(app: App, deps: TenantRouteDeps): void {
  addCreation(app, deps);
  addReading(app, deps);
  addChanges(app, deps);
}

function addCreation(app: App, { sql, secrets }: TenantRouteDeps): void {
  app.post(
    '/admin/v1/tenants',
    {
      config,
      schema: {
        tags,
        summary: 'Create a tenant with its first API key',
        body: CreateTenant,
        response: answers({ [STATUS.created]: TenantCreated }),
      },
    },
    async (request, reply) => {
      const { tid, apiKey } = await createTenant(sql, secrets, operatorOf(request), request.body);
      return reply.code(STATUS.created).send({ ...(await getTenant(sql, tid)), apiKey });
    },
  );
}

function addReading(app: App, { sql }: TenantRouteDeps): void {
  app.get(
    '/admin/v1/tenants',
    {
      config,
      schema: {
        tags,
        summary: 'List tenants',
        querystring: TenantsQuery,
        response: answers({ [STATUS.ok]: pageOf(Tenant) }),
      },
    },
    async ({ query }) => listTenants(sql, query),
  );

  app.get(
    '/admin/v1/tenants/:id',
    {
      config,
      schema: { tags, summary: 'Read a tenant', params: TenantParams, response: answers({ [STATUS.ok]: Tenant }) },
    },
    async ({ params }) => getTenant(sql, params.id),
  );
}

function addChanges(app: App, { sql, publishEvents, secrets }: TenantRouteDeps): void {
  app.patch(
    '/admin/v1/tenants/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Change a tenant',
        params: TenantParams,
        body: UpdateTenant,
        response: answers({ [STATUS.ok]: Tenant }),
      },
    },
    async (request) => {
      const { params, body } = request;
      await updateTenant(sql, secrets, operatorOf(request), params.id, body);
      return getTenant(sql, params.id);
    },
  );

  for (const [verb, status] of [
    ['suspend', 'suspended'],
    ['reactivate', 'active'],
  ] as const) {
    app.post(
      `/admin/v1/tenants/:id/${verb}`,
      {
        config,
        schema: {
          tags,
          summary: `${verb === 'suspend' ? 'Suspend' : 'Reactivate'} a tenant`,
          params: TenantParams,
          response: answers({ [STATUS.ok]: Tenant }),
        },
      },
      async (request) => {
        const { id } = request.params;
        await setTenantStatus(sql, publishEvents, operatorOf(request), id, status);
        return getTenant(sql, id);
      },
    );
  }
}
