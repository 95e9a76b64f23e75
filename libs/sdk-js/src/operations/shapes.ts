/** Made by `generate.ts` from the definitions of the operations: what occurs in their answers. */
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

export interface Ban {
  userId: string;
  externalId: string | null;
  displayName: string;
  bannedBy: string | null;
  bannedAt: number;
  until: number | null;
  reason: string | null;
}

export interface BlockedUser {
  userId: string;
  displayName: string;
  blockedAt: number;
}

export interface ChangesPage {
  items: UpdateDown[];
  rev: number;
  more: boolean;
}

export interface Conversation {
  cid: string;
  kind: 'dm' | 'group' | 'private' | 'public';
  name: string | null;
  topic: string | null;
  avatar: string | null;
  metadata: Record<string, unknown>;
  archived: boolean;
  history: 'all' | 'since_joining';
  posting: 'all' | 'admins';
  slowSeconds: number;
  createdBy: string;
  createdAt: number;
  head: number;
  rev: number;
  epoch: number;
  first: number;
  peer: string | null;
  myRole: ('owner' | 'admin' | 'member') | null;
  readPos: number | null;
  unread: number | null;
  settings: ConversationSettings | null;
  lastMessage: MessageDown | null;
}

export interface ConversationCard {
  cid: string;
  kind: 'dm' | 'group' | 'private' | 'public';
  name: string | null;
  topic: string | null;
  avatar: string | null;
}

export interface ConversationSettings {
  silentUntil: number | null;
  pinned: boolean;
  hidden: boolean;
  favourite: boolean;
  level: 'all' | 'mentions' | 'none';
}

export interface CurrentUsage {
  tenantId: string;
  plan: 'basic' | 'pro' | 'enterprise';
  month: string;
  retentionDays: number | null;
  users: QuotaUsage;
  messages: QuotaUsage;
  storageBytes: QuotaUsage;
  connections: QuotaUsage;
  notices: { resource: 'users' | 'messages' | 'storageBytes' | 'connections'; percent: 80 | 100; at: number }[];
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

export interface Draft {
  cid: string;
  body: Record<string, unknown> | null;
  replyTo: number | null;
  version: number;
  at: number;
}

export interface FollowCounts {
  followers: number;
  following: number;
  followed: boolean | null;
  followsBack: boolean | null;
}

export interface HistoryPage {
  items: MessageDown[];
  head: number;
  rev: number;
  first: number;
  epoch: number;
  more: boolean;
}

export interface Invitation {
  conversation: ConversationCard;
  user: Person;
  invitedBy: Person | null;
  message: string | null;
  createdAt: number;
  expiresAt: number;
}

export interface InvitationLink {
  linkId: string;
  cid: string;
  createdBy: Person | null;
  createdAt: number;
  expiresAt: number;
  maxUses: number | null;
  uses: number;
}

export interface InvitationsCreated {
  invited: string[];
}

export interface JoinRequest {
  cid: string;
  user: Person;
  message: string | null;
  createdAt: number;
  expiresAt: number;
}

export interface LinkAccepted {
  added: string[];
  access: number;
  cid: string;
}

export interface LinkCreated {
  linkId: string;
  cid: string;
  createdBy: Person | null;
  createdAt: number;
  expiresAt: number;
  maxUses: number | null;
  uses: number;
  code: string;
}

export interface LinkPreview {
  conversation: ConversationCard;
  members: number;
  invitedBy: Person | null;
  expiresAt: number;
  joined: boolean;
}

export interface MessageDown {
  cid: string;
  seq: number;
  mid: string;
  from: string;
  at: number;
  kind: string;
  body: Record<string, unknown>;
  replyTo?: number | undefined;
  threadRoot?: number | undefined;
  rev: number;
  edited?: boolean | undefined;
  recalled?: boolean | undefined;
  reactions?: Record<string, number> | undefined;
  t: 'message';
}

export interface Participant {
  userId: string;
  externalId: string | null;
  displayName: string;
  role: 'owner' | 'admin' | 'member';
  joinedAt: number;
  mutedUntil: number | null;
  muteReason: string | null;
  readPos: number;
}

export interface ParticipantsAdded {
  added: string[];
  access: number;
}

export interface Person {
  userId: string;
  displayName: string;
}

export interface ProfileField {
  name: string;
  label: string;
  type: 'text' | 'number' | 'boolean' | 'date' | 'url';
  visibleTo: 'everyone' | 'self' | 'backend';
}

export interface QuotaUsage {
  current: number;
  limit: number | null;
  percentage: number | null;
}

export interface ReadPosition {
  pos: number;
  unread: number;
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
  storageBytes?: (number | null) | undefined;
}

export interface TenantSettings {
  editWindowSeconds: number | null;
  history: 'all' | 'since_joining';
  groupsBy: 'members' | 'admins';
  privateChannelsBy: 'members' | 'admins';
  publicChannelsBy: 'members' | 'admins';
  signUp: { mode: 'closed' | 'open' | 'domain' | 'invitation'; domains: string[] };
}

export interface UpdateDown {
  cid: string;
  seq: number;
  mid: string;
  from: string;
  at: number;
  kind: string;
  body: Record<string, unknown>;
  replyTo?: number | undefined;
  threadRoot?: number | undefined;
  rev: number;
  edited?: boolean | undefined;
  recalled?: boolean | undefined;
  reactions?: Record<string, number> | undefined;
  t: 'update';
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
