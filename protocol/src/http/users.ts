/** `/v1/tokens`, `/v1/users`, `/v1/devices`. */
import { z } from 'zod';
import { ClientId, Millis, storable, UserId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { ExternalId, PageQuery, UserRef } from './common.ts';

const displayName = storable().trim().min(1).max(100);

/** Mints a token; `ext:` names a user that is created at first use. */
export const CreateToken = z
  .object({
    user: UserRef,
    displayName: displayName.optional(),
    clientId: ClientId.optional(),
    ttlSeconds: z
      .int()
      .min(LIMITS.tokenTtlSeconds.min)
      .max(LIMITS.tokenTtlSeconds.max)
      .default(LIMITS.tokenTtlSeconds.default),
  })
  .meta({ id: 'CreateToken' });
export type CreateToken = z.infer<typeof CreateToken>;

export const Token = z.object({ token: z.string(), userId: UserId, expiresAt: Millis }).meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const TenantRole = z
  .enum(['owner', 'admin', 'moderator', 'member', 'guest', 'bot'])
  .meta({ id: 'TenantRole', description: 'Role in the tenant' });
export type TenantRole = z.infer<typeof TenantRole>;

export const User = z
  .object({
    userId: UserId,
    externalId: ExternalId.nullable(),
    displayName: z.string(),
    role: TenantRole,
    deactivated: z.boolean(),
    createdAt: Millis,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** `q` finds a part of the display name or the external id. */
export const UsersQuery = PageQuery.extend({ q: storable().min(1).max(100).optional() });
export type UsersQuery = z.infer<typeof UsersQuery>;

export const Device = z
  .object({
    clientId: ClientId,
    platform: z.string().nullable(),
    createdAt: Millis,
    lastSeenAt: Millis,
    /** Tokens made for the device before this moment are refused. */
    revokedAt: Millis.nullable(),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof Device>;
