/** Made by `generate.ts` from the definitions of the operations: what occurs in the answers of those of tenants. */

export interface ApiKey {
  keyId: string;
  name: string;
  prefix: string;
  scopes: (
    | 'conversations:read'
    | 'conversations:write'
    | 'messages:read'
    | 'messages:write'
    | 'users:read'
    | 'users:write'
    | 'tokens:write'
    | 'admin'
  )[];
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
  expiresAt: number | null;
  replacedBy: string | null;
}

export interface ApiKeyCreated {
  keyId: string;
  name: string;
  prefix: string;
  scopes: (
    | 'conversations:read'
    | 'conversations:write'
    | 'messages:read'
    | 'messages:write'
    | 'users:read'
    | 'users:write'
    | 'tokens:write'
    | 'admin'
  )[];
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
  expiresAt: number | null;
  replacedBy: string | null;
  apiKey: string;
}

export interface AuditEntry {
  seq: number;
  at: number;
  action: string;
  actor: string;
  address: string;
  target: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  hash: string;
}

export interface CurrentUsage {
  tenantId: string;
  plan: 'basic' | 'pro' | 'enterprise';
  month: string;
  retentionDays: number | null;
  sendsPerSecond: number | null;
  users: QuotaUsage;
  messages: QuotaUsage;
  storageBytes: QuotaUsage;
  connections: QuotaUsage;
  notices: { resource: 'users' | 'messages' | 'storageBytes' | 'connections'; percent: 80 | 100; at: number }[];
}

export interface Endpoint {
  use: 'cards' | 'translations';
  url: string;
  previousSecretUntil: number | null;
  changedAt: number;
}

export interface EndpointWithSecret {
  use: 'cards' | 'translations';
  url: string;
  previousSecretUntil: number | null;
  changedAt: number;
  secret: string | null;
}

export interface GroupRole {
  group: string;
  role: 'admin' | 'moderator' | 'member' | 'guest';
}

export interface KeptLdapSettings {
  kind: 'ldap';
  name: string;
  enabled: boolean;
  createUsers: boolean;
  roles: RoleRule[];
  url: string;
  startTls: boolean;
  ca?: string | undefined;
  bindDn: string;
  baseDn: string;
  filter: string;
  idAttribute: string;
  displayNameAttribute: string;
  groupFilter?: string | undefined;
  groupBaseDn?: string | undefined;
}

export interface KeptOidcSettings {
  kind: 'oidc';
  name: string;
  enabled: boolean;
  createUsers: boolean;
  roles: RoleRule[];
  issuer: string;
  clientId: string;
  scopes: string[];
  redirectUris: string[];
  displayNameClaim: string;
}

export interface Provider {
  providerId: string;
  settings: KeptOidcSettings | KeptLdapSettings;
  hasSecret: boolean;
  keptBy: 'operator' | 'tenant';
  createdAt: number;
}

export interface QuotaUsage {
  current: number;
  limit: number | null;
  percentage: number | null;
}

export interface RoleRule {
  claim: string;
  value: string;
  role: 'admin' | 'moderator' | 'member' | 'guest';
}

export interface ScimSettings {
  roles: GroupRole[];
}

export interface Tenant {
  tenantId: string;
  name: string;
  subdomain: string;
  plan: 'basic' | 'pro' | 'enterprise';
  limits: TenantLimits;
  status: 'active' | 'suspended';
  createdAt: number;
}

export interface TenantLimits {
  users?: (number | null) | undefined;
  messages?: (number | null) | undefined;
  retentionDays?: (number | null) | undefined;
  connections?: (number | null) | undefined;
  sendsPerSecond?: (number | null) | undefined;
  storageBytes?: (number | null) | undefined;
}

export interface TenantSettings {
  editWindowSeconds: number | null;
  recallWindowSeconds: number | null;
  history: 'all' | 'since_joining';
  groupsBy: 'members' | 'admins';
  privateChannelsBy: 'members' | 'admins';
  publicChannelsBy: 'members' | 'admins';
  signUp: { mode: 'closed' | 'open' | 'domain' | 'invitation'; domains: string[] };
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  linkPreviews: boolean;
}
