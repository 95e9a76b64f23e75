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
    status: TenantStatus,
    createdAt: Millis,
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

/** `apiKey` appears here only. */
export const TenantCreated = Tenant.extend({ apiKey: z.string() }).meta({ id: 'TenantCreated' });

export const TenantsQuery = PageQuery.extend({ status: TenantStatus.optional(), plan: Plan.optional() });
export type TenantsQuery = z.infer<typeof TenantsQuery>;
