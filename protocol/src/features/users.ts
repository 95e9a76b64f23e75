/** `/v1/tokens`, `/v1/users`, `/v1/devices`. */
import { z } from 'zod';
import { ClientId, Millis, storable, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { ExternalId, PageQuery, UserRef } from './common.ts';
import { numeral } from '../wire/numeral.ts';
import { isName, name } from './names.ts';
import { Profile, ProfileChange } from './profiles.ts';

export const displayName = name(100);
/** A device shows up in lists by its id: a new one must be a name. */
export const newClientId = ClientId.refine((id) => id === '' || isName(id), {
  message: 'must show something, on one line',
});

/** Mints a token; `ext:` names a user that is created at first use. */
export const CreateToken = z
  .object({
    user: UserRef,
    displayName: displayName.optional(),
    clientId: newClientId.optional(),
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
  .extend(Profile.shape)
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** Of a path that names a user. */
export const UserParams = z.object({ user: UserRef });

/** What stands in the place of an erased user's name. */
export const ERASED_NAME = 'Deleted user';

/** `role` is the one in the tenant. `deactivated` ends every session and token of the user, or lets the user in again. */
export const UpdateUser = z
  .object({
    displayName: displayName.optional(),
    role: TenantRole.optional(),
    deactivated: z.boolean().optional(),
  })
  .extend(ProfileChange.shape)
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateUser' });
export type UpdateUser = z.infer<typeof UpdateUser>;

/** Whom the other user stands for from now on. */
export const MergeUser = z.object({ into: UserRef }).meta({ id: 'MergeUser' });
export type MergeUser = z.infer<typeof MergeUser>;

/** `q` finds a part of the display name or the external id, whatever its case, accents and width. */
export const UsersQuery = PageQuery.extend({ q: storable().min(1).max(100).optional() });
export type UsersQuery = z.infer<typeof UsersQuery>;

/** All of a user's devices fit into one page. */
export const DevicesQuery = PageQuery.extend({
  limit: numeral(z.int().min(1).max(LIMITS.devicesPerUser)).default(LIMITS.devicesPerUser),
});

export const Device = z
  .object({
    clientId: ClientId,
    platform: z.string().nullable(),
    createdAt: Millis,
    lastSeenAt: Millis,
    /** When the device was last revoked: its tokens of before are refused. */
    revokedAt: Millis.nullable(),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof Device>;
