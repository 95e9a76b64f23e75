/** API keys of a tenant's back ends, and what each may do. */
import { z } from 'zod';
import { Millis } from '../wire/ids.ts';
import { name } from './names.ts';
import { TenantParams } from './tenants.ts';

/**
 * What a key may do: an area and a verb, or `admin`, the tenant's own administration. The definition of each operation
 * names the one that it needs.
 */
export const ApiKeyScope = z
  .enum([
    ...(['conversations:read', 'conversations:write', 'messages:read', 'messages:write'] as const),
    ...(['users:read', 'users:write', 'tokens:write', 'admin'] as const),
  ])
  .meta({ id: 'ApiKeyScope' });
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

/** Every scope, and all but the tenant's own administration, which a key has only when it is asked for. */
export const ALL_SCOPES: readonly ApiKeyScope[] = ApiKeyScope.options;
const DEFAULT_SCOPES = ALL_SCOPES.filter((scope) => scope !== 'admin');

/** Of a path that names a key: of the caller's tenant, or of any. */
export const OwnKeyParams = z.object({ keyId: z.uuid().toLowerCase() });
export const ApiKeyParams = TenantParams.extend(OwnKeyParams.shape);

export const ApiKey = z
  .object({
    keyId: z.uuid(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(ApiKeyScope),
    createdAt: Millis,
    lastUsedAt: Millis.nullable(),
    revokedAt: Millis.nullable(),
    expiresAt: Millis.nullable().meta({ description: 'From then on the key is refused' }),
    replacedBy: z.uuid().nullable().meta({ description: 'The key that rotation gave in its place' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateApiKey = z
  .object({
    name: name(100).default('default'),
    scopes: z
      .array(ApiKeyScope)
      .min(1)
      .max(ALL_SCOPES.length)
      .default([...DEFAULT_SCOPES]),
    expiresAt: Millis.optional(),
  })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

const WEEK_HOURS = 7 * 24;

/** How long the old key goes on working beside the new one; 0 ends it at once. */
export const RotateApiKey = z
  .object({ overlapHours: z.int().min(0).max(WEEK_HOURS).default(24) })
  .meta({ id: 'RotateApiKey' });
export type RotateApiKey = z.infer<typeof RotateApiKey>;

/** `apiKey` appears here only. */
export const ApiKeyCreated = ApiKey.extend({ apiKey: z.string() }).meta({ id: 'ApiKeyCreated' });
