/** Made by `generate.ts` from the definitions of the operations: what those of one's own tenant take and answer. */
import type {
  ApiKey,
  ApiKeyCreated,
  AuditEntry,
  CurrentUsage,
  Endpoint,
  EndpointWithSecret,
  Provider,
  ScimSettings,
  Tenant,
  TenantSettings,
} from './tenant-shapes.ts';

export interface TenantOperations {
  /** List the endpoints of the tenant’s own server, without their secrets. */
  'endpoints.list': { args: {}; result: { items: Endpoint[] } };
  /** Ask an endpoint no more, and forget its secret. */
  'endpoints.remove': { args: { use: 'cards' | 'translations' }; result: undefined };
  /** Replace the secret of an endpoint by a new one, shown here only. */
  'endpoints.rotateSecret': {
    args: { use: 'cards' | 'translations' } & { overlapHours?: number | undefined };
    result: EndpointWithSecret;
  };
  /** Set an endpoint; a new one gets a secret, which is shown here only. */
  'endpoints.set': { args: { use: 'cards' | 'translations' } & { url: string }; result: EndpointWithSecret };
  /** Change the settings of one’s own tenant. */
  'ownTenant.changeSettings': {
    args: {
      editWindowSeconds?: (number | null) | undefined;
      recallWindowSeconds?: (number | null) | undefined;
      history?: (('all' | 'since_joining') | null) | undefined;
      groupsBy?: (('members' | 'admins') | null) | undefined;
      privateChannelsBy?: (('members' | 'admins') | null) | undefined;
      publicChannelsBy?: (('members' | 'admins') | null) | undefined;
      signUp?:
        | ({ mode: 'closed' | 'open' | 'domain' | 'invitation'; domains?: string[] | undefined } | null)
        | undefined;
      accessTokenSeconds?: (number | null) | undefined;
      refreshTokenSeconds?: (number | null) | undefined;
      linkPreviews?: (boolean | null) | undefined;
    };
    result: TenantSettings;
  };
  /** Add an API key; it is shown here only. */
  'ownTenant.createKey': {
    args: {
      name?: string | undefined;
      scopes?:
        | (
            | 'conversations:read'
            | 'conversations:write'
            | 'messages:read'
            | 'messages:write'
            | 'users:read'
            | 'users:write'
            | 'tokens:write'
            | 'admin'
          )[]
        | undefined;
      expiresAt?: number | undefined;
    };
    result: ApiKeyCreated;
  };
  /** Add an identity provider, by which a tenant’s users sign in. */
  'ownTenant.createProvider': {
    args: {
      providerId: string;
      settings:
        | {
            kind: 'oidc';
            name: string;
            enabled?: boolean | undefined;
            createUsers?: boolean | undefined;
            roles?: { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] | undefined;
            issuer: string;
            clientId: string;
            scopes?: string[] | undefined;
            redirectUris: string[];
            displayNameClaim?: string | undefined;
          }
        | {
            kind: 'ldap';
            name: string;
            enabled?: boolean | undefined;
            createUsers?: boolean | undefined;
            roles?: { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] | undefined;
            url: string;
            startTls?: boolean | undefined;
            ca?: string | undefined;
            bindDn: string;
            baseDn: string;
            filter?: string | undefined;
            idAttribute?: string | undefined;
            displayNameAttribute?: string | undefined;
            groupFilter?: string | undefined;
            groupBaseDn?: string | undefined;
          };
      secret?: string | undefined;
    };
    result: Provider;
  };
  /** Delete an identity provider; who signed in by it stays a user. */
  'ownTenant.deleteProvider': { args: { providerId: string }; result: undefined };
  /** Read one’s own tenant. */
  'ownTenant.get': { args: {}; result: Tenant };
  /** Read an identity provider. */
  'ownTenant.getProvider': { args: { providerId: string }; result: Provider };
  /** What was done to a tenant, oldest first. */
  'ownTenant.listAudit': {
    args: {
      limit?: number | undefined;
      cursor?: string | undefined;
      action?: string | undefined;
      actor?: string | undefined;
      target?: string | undefined;
      from?: number | undefined;
      to?: number | undefined;
    };
    result: { items: AuditEntry[]; next: string | null };
  };
  /** List API keys. */
  'ownTenant.listKeys': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: ApiKey[]; next: string | null };
  };
  /** List a tenant’s identity providers. */
  'ownTenant.listProviders': { args: {}; result: { items: Provider[] } };
  /** Revoke an API key. */
  'ownTenant.revokeKey': { args: { keyId: string }; result: undefined };
  /** Replace an API key by a new one, shown here only. */
  'ownTenant.rotateKey': { args: { keyId: string } & { overlapHours?: number | undefined }; result: ApiKeyCreated };
  /** Which groups of a tenant’s directory give which roles. */
  'ownTenant.scim': { args: {}; result: ScimSettings };
  /** Read the settings of one’s own tenant, with what holds where nothing is set. */
  'ownTenant.settings': { args: {}; result: TenantSettings };
  /** Rename one’s own tenant, or change the secret with which it signs tokens. */
  'ownTenant.update': { args: { name?: string | undefined; jwtSecret?: (string | null) | undefined }; result: Tenant };
  /** Change an identity provider or its secret. */
  'ownTenant.updateProvider': {
    args: { providerId: string } & {
      settings?:
        | (
            | {
                kind: 'oidc';
                name: string;
                enabled?: boolean | undefined;
                createUsers?: boolean | undefined;
                roles?:
                  | { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[]
                  | undefined;
                issuer: string;
                clientId: string;
                scopes?: string[] | undefined;
                redirectUris: string[];
                displayNameClaim?: string | undefined;
              }
            | {
                kind: 'ldap';
                name: string;
                enabled?: boolean | undefined;
                createUsers?: boolean | undefined;
                roles?:
                  | { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[]
                  | undefined;
                url: string;
                startTls?: boolean | undefined;
                ca?: string | undefined;
                bindDn: string;
                baseDn: string;
                filter?: string | undefined;
                idAttribute?: string | undefined;
                displayNameAttribute?: string | undefined;
                groupFilter?: string | undefined;
                groupBaseDn?: string | undefined;
              }
          )
        | undefined;
      secret?: (string | null) | undefined;
    };
    result: Provider;
  };
  /** Say which groups of a tenant’s directory give which roles. */
  'ownTenant.updateScim': {
    args: { roles: { group: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] };
    result: ScimSettings;
  };
  /** What the tenant uses of its quotas. */
  'usage.own': { args: {}; result: CurrentUsage };
}
