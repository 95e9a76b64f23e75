import {
  ApiKey,
  ApiKeyCreated,
  CreateApiKey,
  CreateTenant,
  PageQuery,
  pageOf,
  STATUS,
  Tenant,
  TenantCreated,
  TenantId,
  TenantsQuery,
  UpdateTenant,
} from '@messagecore/protocol';
import { z } from 'zod';
import { getApiKey, getTenant, listApiKeys, listTenants } from '../../read/tenants.ts';
import type { Sql } from '../../store/connect.ts';
import type { Announcer } from '../../write/announce.ts';
import { createApiKey } from '../../write/create-api-key.ts';
import { createTenant } from '../../write/create-tenant.ts';
import { revokeApiKey } from '../../write/revoke-api-key.ts';
import { setTenantStatus } from '../../write/suspend-tenant.ts';
import { updateTenant } from '../../write/update-tenant.ts';
import type { App } from '../app-type.ts';
import { answers, nothing } from './shapes.ts';

const TenantParams = z.object({ id: TenantId });
const KeyParams = z.object({ id: TenantId, keyId: z.uuid().toLowerCase() });
const config = { access: 'operator' } as const;
const tags = ['Tenants'];

export function tenantRoutes(app: App, { sql, announcer }: { sql: Sql; announcer: Announcer }): void {
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
      const { tid, apiKey } = await createTenant(sql, request.body);
      return reply.code(STATUS.created).send({ ...(await getTenant(sql, tid)), apiKey });
    },
  );

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
    async ({ params, body }) => {
      await updateTenant(sql, params.id, body);
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
      async ({ params }) => {
        await setTenantStatus(sql, announcer, params.id, status);
        return getTenant(sql, params.id);
      },
    );
  }
}

export function apiKeyRoutes(app: App, { sql }: { sql: Sql }): void {
  app.post(
    '/admin/v1/tenants/:id/keys',
    {
      config,
      schema: {
        tags,
        summary: 'Add an API key; it is shown here only',
        params: TenantParams,
        body: CreateApiKey,
        response: answers({ [STATUS.created]: ApiKeyCreated }),
      },
    },
    async ({ params, body }, reply) => {
      const { keyId, key } = await createApiKey(sql, params.id, body);
      return reply.code(STATUS.created).send({ ...(await getApiKey(sql, params.id, keyId)), apiKey: key });
    },
  );

  app.get(
    '/admin/v1/tenants/:id/keys',
    {
      config,
      schema: {
        tags,
        summary: 'List API keys',
        params: TenantParams,
        querystring: PageQuery,
        response: answers({ [STATUS.ok]: pageOf(ApiKey) }),
      },
    },
    async ({ params, query }) => listApiKeys(sql, params.id, query),
  );

  app.delete(
    '/admin/v1/tenants/:id/keys/:keyId',
    { config, schema: { tags, summary: 'Revoke an API key', params: KeyParams, response: answers(nothing) } },
    async ({ params }, reply) => {
      await revokeApiKey(sql, params.id, params.keyId);
      return reply.code(STATUS.noContent).send();
    },
  );
}
