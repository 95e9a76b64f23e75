/** Identity providers of a tenant, and sign-in by them. */
import { z } from 'zod';
import { SignedIn } from './accounts.ts';
import { defineOperation } from './operation.ts';
import {
  CreateProvider,
  FinishOidc,
  OfferedProvider,
  OfferedQuery,
  OidcStarted,
  Provider,
  ProviderParams,
  SignInLdap,
  StartOidc,
  TenantOfProviders,
  UpdateProvider,
} from './sso.ts';

const manage = { tag: 'Tenants', access: 'operator', cost: 'none', laned: false } as const;
const open = { tag: 'Accounts', access: 'anyone', cost: 'none', laned: false, rate: 'signInsPerIp' } as const;

export const createProvider = defineOperation({
  ...manage,
  name: 'providers.create',
  summary: 'Add an identity provider, by which a tenant’s users sign in',
  method: 'POST',
  path: '/admin/v1/tenants/:id/identity-providers',
  params: TenantOfProviders,
  input: CreateProvider,
  result: Provider,
  creates: 'always',
});

/** A tenant has few: all fit into one page. */
export const listProviders = defineOperation({
  ...manage,
  name: 'providers.list',
  summary: 'List a tenant’s identity providers',
  method: 'GET',
  path: '/admin/v1/tenants/:id/identity-providers',
  params: TenantOfProviders,
  result: z.object({ items: z.array(Provider) }),
});

export const updateProvider = defineOperation({
  ...manage,
  name: 'providers.update',
  summary: 'Change an identity provider or its secret',
  method: 'PATCH',
  path: '/admin/v1/tenants/:id/identity-providers/:providerId',
  params: ProviderParams,
  input: UpdateProvider,
  result: Provider,
});

export const deleteProvider = defineOperation({
  ...manage,
  name: 'providers.delete',
  summary: 'Delete an identity provider; who signed in by it stays a user',
  method: 'DELETE',
  path: '/admin/v1/tenants/:id/identity-providers/:providerId',
  params: ProviderParams,
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
