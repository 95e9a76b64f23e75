import { STATUS, TenantId } from '@messagecore/protocol';
import { ApiKey, ApiKeyCreated, CreateApiKey, PageQuery, pageOf } from '@messagecore/protocol/features';
import { z } from 'zod';
import { getApiKey, listApiKeys } from './tenant-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { operatorOf } from '../identity/auth-plugin.ts';
import { createApiKey } from './create-api-key.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import type { App } from '../../platform/http/app-type.ts';
import { answers, nothing } from '../../platform/http/shapes.ts';

const TenantParams = z.object({ id: TenantId });
const KeyParams = z.object({ id: TenantId, keyId: z.uuid().toLowerCase() });
const config = { access: 'operator' } as const;
const tags = ['Tenants'];

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
    async (request, reply) => {
      const { params, body } = request;
      const { keyId, key } = await createApiKey(sql, operatorOf(request), params.id, body);
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
    async (request, reply) => {
      const { id, keyId } = request.params;
      await revokeApiKey(sql, operatorOf(request), id, keyId);
      return reply.code(STATUS.noContent).send();
    },
  );
}
