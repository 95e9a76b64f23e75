import { apiKeyOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { createApiKey } from './create-api-key.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { getApiKey, listApiKeys } from './tenant-queries.ts';

export function bindApiKeys(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.createApiKey, async (operator, { id, ...request }) => {
      const { keyId, key } = await createApiKey(sql, operator, id, request);
      return { ...(await getApiKey(sql, id, keyId)), apiKey: key };
    }),
    bindOperation(operations.listApiKeys, (_, { id, ...page }) => listApiKeys(sql, id, page)),
    bindOperation(operations.revokeApiKey, (operator, { id, keyId }) => revokeApiKey(sql, operator, id, keyId)),
  ];
}
