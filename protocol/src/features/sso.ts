/** Sign-in by a tenant's own identity providers: OpenID Connect and LDAP. */
import { z } from 'zod';
import { Millis, storable, TenantId } from '../wire/ids.ts';
import { TenantRef } from './accounts.ts';
import { name } from './names.ts';
import { newClientId, TenantRole } from './users.ts';

/** The tenant's own name for a provider; it stands in addresses. */
export const ProviderId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits and inner hyphens');

const url = (protocol: RegExp) => z.url({ protocol }).max(2_000);
const secret = storable().min(1).max(2_000);
const attribute = storable().min(1).max(100);

/** Whoever has `value` in a claim or attribute (itself, or one of its items) gets the role; of several rules the first counts. */
export const RoleRule = z
  .object({ claim: attribute, value: storable().min(1).max(500), role: TenantRole.exclude(['owner', 'bot']) })
  .meta({ id: 'RoleRule' });
export type RoleRule = z.infer<typeof RoleRule>;

const shared = {
  name: name(100),
  enabled: z.boolean().default(true),
  /** Whether somebody who signs in for the first time becomes a user. */
  createUsers: z.boolean().default(true),
  roles: z.array(RoleRule).max(50).default([]),
};

export const OidcSettings = z
  .object({
    kind: z.literal('oidc'),
    ...shared,
    issuer: url(/^https?$/),
    clientId: storable().min(1).max(500),
    scopes: z.array(storable().min(1).max(100)).max(20).default(['openid', 'profile', 'email']),
    /** Where the provider may send people back to; one of them is named with each sign-in. */
    redirectUris: z
      .array(
        url(/^https?$/).refine((uri) => !/[?#]/.test(uri), { message: 'must have neither a query nor a fragment' }),
      )
      .min(1)
      .max(20),
    displayNameClaim: attribute.default('name'),
  })
  .meta({ id: 'OidcSettings' });
export type OidcSettings = z.infer<typeof OidcSettings>;

/** `{username}` in the filter is replaced by what was typed in, escaped. */
export const LdapSettings = z
  .object({
    kind: z.literal('ldap'),
    ...shared,
    url: url(/^ldaps?$/),
    /** Encrypts an `ldap:` connection before anything is said. */
    startTls: z.boolean().default(true),
    /** Certificates that the server's is checked with, in PEM; the system's when left out. */
    ca: storable().max(50_000).optional(),
    bindDn: storable().max(1_000),
    baseDn: storable().min(1).max(1_000),
    filter: storable().max(1_000).includes('{username}').default('(uid={username})'),
    idAttribute: attribute.default('entryUUID'),
    displayNameAttribute: attribute.default('cn'),
    /** Groups whose entries name their members, with `{dn}` for the member's own name; `groups` in the rules of roles. */
    groupFilter: storable().max(1_000).includes('{dn}').optional(),
    groupBaseDn: storable().min(1).max(1_000).optional(),
  })
  .meta({ id: 'LdapSettings' });
export type LdapSettings = z.infer<typeof LdapSettings>;

export const ProviderSettings = z.discriminatedUnion('kind', [OidcSettings, LdapSettings]);
export type ProviderSettings = z.infer<typeof ProviderSettings>;

type Kept<S extends z.ZodRawShape> = {
  [name in keyof S]: S[name] extends z.ZodDefault<infer Inner extends z.ZodType> ? Inner : S[name];
};

/** Settings as they are kept: with what holds where nothing was given. */
function kept<S extends z.ZodRawShape>({ shape }: z.ZodObject<S>): z.ZodObject<Kept<S>> {
  const fields = Object.entries(shape).map(([name, field]) => [
    name,
    field instanceof z.ZodDefault ? field.unwrap() : field,
  ]);
  return z.object(Object.fromEntries(fields) as Kept<S>);
}

const KeptSettings = z.discriminatedUnion('kind', [
  kept(OidcSettings).meta({ id: 'KeptOidcSettings' }),
  kept(LdapSettings).meta({ id: 'KeptLdapSettings' }),
]);

/** `secret` is the client's secret or the password of `bindDn`. Never returned. */
export const CreateProvider = z
  .object({ providerId: ProviderId, settings: ProviderSettings, secret: secret.optional() })
  .meta({ id: 'CreateProvider' });
export type CreateProvider = z.infer<typeof CreateProvider>;

/** Settings are given as a whole; a `secret` of null takes it away. */
export const UpdateProvider = z
  .object({ settings: ProviderSettings.optional(), secret: secret.nullable().optional() })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateProvider' });
export type UpdateProvider = z.infer<typeof UpdateProvider>;

/** Whoever made a provider: `tenant` is asked at public addresses alone, and over TLS. */
const Keeper = z.enum(['operator', 'tenant']);
export type Keeper = z.infer<typeof Keeper>;

export const Provider = z
  .object({
    ...{ providerId: ProviderId, settings: KeptSettings, hasSecret: z.boolean() },
    keptBy: Keeper.meta({ description: 'Who made it: `operator`, or the `tenant` itself, who may change this one' }),
    createdAt: Millis,
  })
  .meta({ id: 'Provider' });
export type Provider = z.infer<typeof Provider>;

/** Of a path that names a tenant's provider. */
export const TenantOfProviders = z.object({ id: TenantId });
export const OwnProviderParams = z.object({ providerId: ProviderId });
export const ProviderParams = TenantOfProviders.extend(OwnProviderParams.shape);

export const OfferedQuery = z.object({ tenant: TenantRef });
/** What a sign-in page shows. */
export const OfferedProvider = z
  .object({ providerId: ProviderId, kind: z.enum(['oidc', 'ldap']), name: z.string() })
  .meta({ id: 'OfferedProvider' });
export type OfferedProvider = z.infer<typeof OfferedProvider>;

export const StartOidc = z
  .object({ tenant: TenantRef, providerId: ProviderId, redirectUri: z.string().min(1).max(2_000) })
  .meta({ id: 'StartOidc' });
export type StartOidc = z.infer<typeof StartOidc>;

/** `url` is where the browser goes; it keeps `flow`, which nobody else learns, and shows it when it is back. */
export const OidcStarted = z.object({ url: z.string(), flow: z.string() }).meta({ id: 'OidcStarted' });
export type OidcStarted = z.infer<typeof OidcStarted>;

/** `query` is the query with which the provider sent the browser back, as it was. */
export const FinishOidc = z
  .object({ flow: z.string().min(1).max(200), query: z.string().min(1).max(8_000), clientId: newClientId.optional() })
  .meta({ id: 'FinishOidc' });
export type FinishOidc = z.infer<typeof FinishOidc>;

export const SignInLdap = z
  .object({
    tenant: TenantRef,
    providerId: ProviderId,
    username: storable().trim().min(1).max(255),
    password: storable().min(1).max(1_024),
    clientId: newClientId.optional(),
  })
  .meta({ id: 'SignInLdap' });
export type SignInLdap = z.infer<typeof SignInLdap>;
