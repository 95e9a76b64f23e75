/** Groups of a tenant's users, which messages mention. */
import { z } from 'zod';
import { LIMITS } from '../wire/limits.ts';
import { UserRef } from './common.ts';
import { name } from './names.ts';

/** Of a path that names a group. */
export const UserGroupParams = z.object({ groupId: z.uuid().toLowerCase() });

export const NewUserGroup = z.object({ name: name(64) }).meta({ id: 'NewUserGroup' });
export type NewUserGroup = z.infer<typeof NewUserGroup>;

const refs = () => z.array(UserRef).max(LIMITS.groupMembersPerCall).optional();
/** Who is added to a group, and who is removed from it: both at once. */
export const ChangeGroupMembers = z
  .object({ add: refs(), remove: refs() })
  .refine(({ add = [], remove = [] }) => add.length + remove.length > 0, { message: 'names no user' })
  .meta({ id: 'ChangeGroupMembers' });
export type ChangeGroupMembers = z.infer<typeof ChangeGroupMembers>;

export const UserGroup = z
  .object({
    groupId: z.uuid(),
    name: z.string(),
    members: z.int().min(0).meta({ description: 'How many users belong to it' }),
    mine: z.boolean().meta({ description: 'Whether the one who asks belongs to it' }),
  })
  .meta({ id: 'UserGroup' });
export type UserGroup = z.infer<typeof UserGroup>;
