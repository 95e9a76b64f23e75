/** Made by `generate.ts` from the definitions of the operations: what occurs in the answers of the others. */
import type { ConversationCard, MessageDown, Person, Presence } from './conversation-shapes.ts';

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

export interface BlockedUser {
  userId: string;
  displayName: string;
  blockedAt: number;
}

export interface Bookmark {
  cid: string;
  seq: number;
  note: string | null;
  at: number | null;
  message: MessageDown | null;
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

export interface CustomEmoji {
  name: string;
  image: string;
}

export interface DefaultChannel {
  conversation: ConversationCard;
  addedAt: number;
}

export interface DefaultChannels {
  items: DefaultChannel[];
}

export interface Device {
  clientId: string;
  platform: string | null;
  createdAt: number;
  lastSeenAt: number;
  revokedAt: number | null;
}

export interface DirectoryChannel {
  cid: string;
  name: string | null;
  topic: string | null;
  avatar: string | null;
  members: number;
  joined: boolean | null;
}

export interface FollowCounts {
  followers: number;
  following: number;
  followed: boolean | null;
  followsBack: boolean | null;
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

export interface LinkAccepted {
  added: string[];
  access: number;
  cid: string;
}

export interface LinkPreview {
  conversation: ConversationCard;
  members: number;
  invitedBy: Person | null;
  expiresAt: number;
  joined: boolean;
}

export interface Mention {
  scope: 'user' | 'all' | 'here';
  unread: boolean;
  message: MessageDown;
}

export interface OwnPresence {
  choice: 'online' | 'away' | 'busy' | 'invisible';
  showsLastSeen: boolean;
}

export interface Presences {
  items: Presence[];
}

export interface ProfileField {
  name: string;
  label: string;
  type: 'text' | 'number' | 'boolean' | 'date' | 'url';
  visibleTo: 'everyone' | 'self' | 'backend';
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

export interface Reminder {
  reminderId: string;
  at: number;
  cid: string | null;
  seq: number | null;
  note: string | null;
  state: 'waiting' | 'due' | 'removed';
  message: MessageDown | null;
}

export interface ReminderState {
  reminderId: string;
  at: number;
  cid: string | null;
  seq: number | null;
  note: string | null;
  state: 'waiting' | 'due' | 'removed';
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

export interface TenantKind {
  kind: string;
  schema: Record<string, unknown>;
  changedAt: number;
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

export interface UnreadMentions {
  mentions: number;
  conversations: number;
}

export interface User {
  userId: string;
  externalId: string | null;
  displayName: string;
  role: 'owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot';
  deactivated: boolean;
  createdAt: number;
  avatar: string | null;
  bio: string | null;
  status: UserStatus | null;
  locale: string | null;
  timeZone: string | null;
  fields: Record<string, string | number | boolean>;
}

export interface UserStatus {
  text: string;
  emoji: string | null;
  until: number | null;
}
