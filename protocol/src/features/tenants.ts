/** Tenants, as the operator sees them, and as their own admins do. */
import { z } from 'zod';
import { Millis, storable, TenantId } from '../wire/ids.ts';
import { PageQuery } from './common.ts';
import { name } from './names.ts';

export const Plan = z.enum(['basic', 'pro', 'enterprise']).meta({ id: 'Plan' });
export type Plan = z.infer<typeof Plan>;
export const TenantStatus = z.enum(['active', 'suspended']).meta({ id: 'TenantStatus' });
export type TenantStatus = z.infer<typeof TenantStatus>;

const tenantName = name(200);
export const Subdomain = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits and inner hyphens');
/** A secret with which the tenant signs its users' tokens (HS256). Never returned. */
const jwtSecret = storable().min(32).max(512);

const limit = () => z.int().min(0).nullable().optional();
/** What these two limits do not do yet. */
export const RETENTION_NOTE = 'Days that messages are kept: recorded, and nothing is deleted by it yet';
export const STORAGE_NOTE = 'Bytes of uploads: always 0 in use, as long as nothing can be uploaded';

/** What takes the place of the plan's own limits: a number, or null for none. What is left out is the plan's. */
export const TenantLimits = z
  .strictObject({
    users: limit(),
    /** A month. */
    messages: limit(),
    retentionDays: limit().meta({ description: RETENTION_NOTE }),
    connections: limit(),
    sendsPerSecond: z.int().min(1).nullable().optional(),
    storageBytes: limit().meta({ description: STORAGE_NOTE }),
  })
  .meta({ id: 'TenantLimits', description: 'In place of the plan’s: a number, or null for no limit' });
export type TenantLimits = z.infer<typeof TenantLimits>;

/** Of a path that names a tenant. */
export const TenantParams = z.object({ id: TenantId });

export const CreateTenant = z
  .object({ name: tenantName, subdomain: Subdomain, plan: Plan.default('basic'), jwtSecret: jwtSecret.optional() })
  .meta({ id: 'CreateTenant' });
export type CreateTenant = z.infer<typeof CreateTenant>;

export const UpdateTenant = z
  .object({
    name: tenantName.optional(),
    subdomain: Subdomain.optional(),
    plan: Plan.optional(),
    jwtSecret: jwtSecret.nullable().optional(),
    /** Takes the place of all that was set before: `{}` leaves the plan's. */
    limits: TenantLimits.optional(),
  })
  .meta({ id: 'UpdateTenant' });
export type UpdateTenant = z.infer<typeof UpdateTenant>;

/** What a tenant's own admins change of it; the rest is the operator's. */
export const UpdateOwnTenant = z
  .object({ name: tenantName.optional(), jwtSecret: jwtSecret.nullable().optional() })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateOwnTenant' });

export const Tenant = z
  .object({
    tenantId: TenantId,
    name: z.string(),
    subdomain: z.string(),
    plan: Plan,
    limits: TenantLimits,
    status: TenantStatus,
    createdAt: Millis,
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

/** `apiKey` appears here only. */
export const TenantCreated = Tenant.extend({ apiKey: z.string() }).meta({ id: 'TenantCreated' });

export const TenantsQuery = PageQuery.extend({ status: TenantStatus.optional(), plan: Plan.optional() });
export type TenantsQuery = z.infer<typeof TenantsQuery>;
