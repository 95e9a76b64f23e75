/** Made by `generate.ts` from the definitions of the operations: what occurs in the answers of those of conversations. */
export interface Ban {
  userId: string;
  externalId: string | null;
  displayName: string;
  bannedBy: string | null;
  bannedAt: number;
  until: number | null;
  reason: string | null;
}

export interface BookmarkState {
  cid: string;
  seq: number;
  note: string | null;
  at: number | null;
}

export interface CardAction {
  actionId: string;
  cid: string;
  seq: number;
  from: string;
  action: string;
  value: string | null;
  inputs: Record<string, string>;
  state: 'waiting' | 'ok' | 'error' | 'timeout';
  text: string | null;
  at: number;
  until: number;
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
  openToListeners: boolean;
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
  mentions: number | null;
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
  markedUnread: boolean;
  level: 'all' | 'mentions' | 'none';
}

export interface Draft {
  cid: string;
  body: Record<string, unknown> | null;
  replyTo: number | null;
  version: number;
  at: number;
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

export interface MentionedGroup {
  id: string;
  name: string;
}

export interface Mentions {
  users: string[];
  groups?: MentionedGroup[] | undefined;
  all?: boolean | undefined;
  here?: boolean | undefined;
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
  showInChannel?: boolean | undefined;
  mentions?: Mentions | undefined;
  rev: number;
  edited?: boolean | undefined;
  recalled?: boolean | undefined;
  expiresAfterRead?: number | undefined;
  expiresAt?: number | undefined;
  expired?: boolean | undefined;
  reactions?: Record<string, number> | undefined;
  pinned?: boolean | undefined;
  poll?: PollState | undefined;
  previews?: PagePreview[] | undefined;
  t: 'message';
}

export interface OnlinePage {
  items: Presence[];
  next: string | null;
  count: number | null;
}

export interface OwnVote {
  options: string[];
}

export interface PagePreview {
  url: string;
  title: string;
  description?: string | undefined;
  site?: string | undefined;
  image?: string | undefined;
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

export interface PollState {
  counts: Record<string, number>;
  voters: number;
  closed?: boolean | undefined;
}

export interface PollVote {
  user: Person;
  option: string;
  at: number;
}

export interface Presence {
  userId: string;
  state: 'online' | 'away' | 'busy' | 'offline';
  lastSeen: number | null;
}

export interface ScheduledMessage {
  mid: string;
  kind: string;
  body: Record<string, unknown>;
  replyTo?: number | undefined;
  threadRoot?: number | undefined;
  showInChannel?: boolean | undefined;
  expiresIn?: number | undefined;
  expiresAfterRead?: number | undefined;
  at: number;
  cid: string;
  state: 'waiting' | 'sending' | 'failed' | 'sent' | 'removed';
  error:
    | (
        | 'bad_frame'
        | 'bad_request'
        | 'method_not_allowed'
        | 'unsupported_media_type'
        | 'cursor_ahead'
        | 'unauthorized'
        | 'forbidden'
        | 'not_member'
        | 'not_found'
        | 'muted'
        | 'blocked'
        | 'conflict'
        | 'mid_taken'
        | 'too_large'
        | 'rate_limited'
        | 'quota_exceeded'
        | 'tenant_suspended'
        | 'edit_window_over'
        | 'e2ee_required'
        | 'unsupported_kind'
        | 'maintenance'
        | 'unavailable'
        | 'internal'
      )
    | null;
  seq: number | null;
}

export interface Thread {
  cid: string;
  seq: number;
  replies: number;
  members: number;
  latest: Person[];
  lastSeq: number | null;
  lastAt: number | null;
  following: boolean;
  readUpTo: number;
  unread: number;
}

export interface ThreadPage {
  items: MessageDown[];
  more: boolean;
}

export interface ThreadState {
  cid: string;
  seq: number;
  following: boolean;
  readUpTo: number;
}

export interface Translation {
  cid: string;
  seq: number;
  to: string;
  from: string | null;
  text: string;
}
