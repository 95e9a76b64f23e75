/** Made by `generate.ts` from the definitions of the operations: what occurs in the answers of the others. */
import type { ConversationCard, MessageDown, Person, Presence } from './conversation-shapes.ts';

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
  openToListeners: boolean;
}

export interface FollowCounts {
  followers: number;
  following: number;
  followed: boolean | null;
  followsBack: boolean | null;
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
  scope: 'user' | 'all' | 'here' | 'group';
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

export interface TenantKind {
  kind: string;
  schema: Record<string, unknown>;
  changedAt: number;
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

export interface UserGroup {
  groupId: string;
  name: string;
  members: number;
  mine: boolean;
}

export interface UserStatus {
  text: string;
  emoji: string | null;
  until: number | null;
}
