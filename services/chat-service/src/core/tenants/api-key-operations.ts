import { type ApiKeyCreated, apiKeyOperations as operations } from '@messagecore/protocol/features';
import type { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { getApiKey, listApiKeys } from './api-key-queries.ts';
import { type CreatedApiKey, createApiKey } from './create-api-key.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { rotateApiKey } from './rotate-api-key.ts';

/** The operator names the tenant; its own admins have one. */
export function bindApiKeys(sql: Sql): readonly BoundOperation[] {
  const shown = async (tid: string, { keyId, key }: CreatedApiKey): Promise<z.input<typeof ApiKeyCreated>> => ({
    ...(await getApiKey(sql, tid, keyId)),
    apiKey: key,
  });
  return [
    bindOperation(operations.createApiKey, async (operator, { id, ...request }) =>
      shown(id, await createApiKey(sql, operator, id, request)),
    ),
    bindOperation(operations.listApiKeys, (_, { id, ...page }) => listApiKeys(sql, id, page)),
    bindOperation(operations.rotateApiKey, async (operator, { id, ...request }) =>
      shown(id, await rotateApiKey(sql, operator, id, request)),
    ),
    bindOperation(operations.revokeApiKey, (operator, { id, keyId }) => revokeApiKey(sql, operator, id, keyId)),
    bindOperation(operations.createOwnKey, async (admin, request) =>
      shown(admin.tid, await createApiKey(sql, admin, admin.tid, request)),
    ),
    bindOperation(operations.listOwnKeys, (admin, page) => listApiKeys(sql, admin.tid, page)),
    bindOperation(operations.rotateOwnKey, async (admin, request) =>
      shown(admin.tid, await rotateApiKey(sql, admin, admin.tid, request)),
    ),
    bindOperation(operations.revokeOwnKey, (admin, { keyId }) => revokeApiKey(sql, admin, admin.tid, keyId)),
  ];
}
