/** What a tenant's directory may decide by SCIM. The messages of SCIM itself are RFC 7643's and 7644's. */
import { z } from 'zod';
import { storable } from '../wire/ids.ts';
import { TenantRole } from './users.ts';

/** Whoever is in the group (by its `displayName`) has the role in the tenant; of several the first counts. */
const GroupRole = z
  .object({ group: storable().min(1).max(255), role: TenantRole.exclude(['owner', 'bot']) })
  .meta({ id: 'GroupRole' });

export const ScimSettings = z.object({ roles: z.array(GroupRole).max(50) }).meta({ id: 'ScimSettings' });
export type ScimSettings = z.infer<typeof ScimSettings>;
