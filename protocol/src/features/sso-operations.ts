/** Identity providers of a tenant, as the operator and the tenant's own admins keep them, and sign-in by them. */
import { z } from 'zod';
import { SignedIn } from './accounts.ts';
import { defineOperation } from './operation.ts';
import {
  CreateProvider,
  FinishOidc,
  OfferedProvider,
  OfferedQuery,
  OidcStarted,
  OwnProviderParams,
  Provider,
  ProviderParams,
  SignInLdap,
  StartOidc,
  TenantOfProviders,
  UpdateProvider,
} from './sso.ts';

const shared = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;
const own = { tag: 'Tenant', access: 'tenantAdmin', scope: 'admin', laned: false } as const;
const open = { tag: 'Accounts', access: 'anyone', cost: 'none', laned: false, rate: 'signInsPerIp' } as const;

const create = {
  summary: 'Add an identity provider, by which a tenant’s users sign in',
  method: 'POST',
  input: CreateProvider,
  result: Provider,
  creates: 'always',
} as const;
/** A tenant has few: all fit into one page. */
const list = {
  summary: 'List a tenant’s identity providers',
  method: 'GET',
  result: z.object({ items: z.array(Provider) }),
} as const;
const update = {
  summary: 'Change an identity provider or its secret',
  method: 'PATCH',
  input: UpdateProvider,
  result: Provider,
} as const;
const remove = { summary: 'Delete an identity provider; who signed in by it stays a user', method: 'DELETE' } as const;

export const createProvider = defineOperation({
  ...shared,
  ...create,
  name: 'providers.create',
  path: '/admin/v1/tenants/:id/identity-providers',
  params: TenantOfProviders,
});

export const listProviders = defineOperation({
  ...shared,
  ...list,
  name: 'providers.list',
  path: '/admin/v1/tenants/:id/identity-providers',
  params: TenantOfProviders,
});

export const updateProvider = defineOperation({
  ...shared,
  ...update,
  name: 'providers.update',
  path: '/admin/v1/tenants/:id/identity-providers/:providerId',
  params: ProviderParams,
});

export const deleteProvider = defineOperation({
  ...shared,
  ...remove,
  name: 'providers.delete',
  path: '/admin/v1/tenants/:id/identity-providers/:providerId',
  params: ProviderParams,
});

export const createOwnProvider = defineOperation({
  ...own,
  ...create,
  name: 'ownTenant.createProvider',
  path: '/v1/tenant/identity-providers',
  cost: { sends: 1 },
});

export const listOwnProviders = defineOperation({
  ...own,
  ...list,
  name: 'ownTenant.listProviders',
  path: '/v1/tenant/identity-providers',
  cost: 'page',
});

export const getOwnProvider = defineOperation({
  ...own,
  name: 'ownTenant.getProvider',
  summary: 'Read an identity provider',
  method: 'GET',
  path: '/v1/tenant/identity-providers/:providerId',
  params: OwnProviderParams,
  result: Provider,
  cost: 'turn',
});

export const updateOwnProvider = defineOperation({
  ...own,
  ...update,
  name: 'ownTenant.updateProvider',
  path: '/v1/tenant/identity-providers/:providerId',
  params: OwnProviderParams,
  cost: { sends: 1 },
});

export const deleteOwnProvider = defineOperation({
  ...own,
  ...remove,
  name: 'ownTenant.deleteProvider',
  path: '/v1/tenant/identity-providers/:providerId',
  params: OwnProviderParams,
  cost: { sends: 1 },
});

export const listOffered = defineOperation({
  ...open,
  name: 'auth.listProviders',
  summary: 'By which identity providers one signs in to a tenant',
  method: 'GET',
  path: '/v1/auth/providers',
  input: OfferedQuery,
  result: z.object({ items: z.array(OfferedProvider) }),
});

export const startOidc = defineOperation({
  ...open,
  name: 'auth.startOidc',
  summary: 'Begin a sign-in by OpenID Connect: where to send the browser',
  method: 'POST',
  path: '/v1/auth/oidc/start',
  input: StartOidc,
  result: OidcStarted,
});

export const finishOidc = defineOperation({
  ...open,
  name: 'auth.finishOidc',
  summary: 'End it with what the provider said when it sent the browser back',
  method: 'POST',
  path: '/v1/auth/oidc/finish',
  input: FinishOidc,
  result: SignedIn,
});

export const signInLdap = defineOperation({
  ...open,
  name: 'auth.signInLdap',
  summary: 'Sign in with the user name and password of a tenant’s directory',
  method: 'POST',
  path: '/v1/auth/ldap',
  input: SignInLdap,
  result: SignedIn,
});
