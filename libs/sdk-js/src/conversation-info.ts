/** Conversations as the signed-in user sees them, in the shapes of the API. */
import type { DownFrameOf } from './wire.ts';

/** What the signed-in user has set for themselves. Notifications are silent until `silentUntil`. */
export interface ConversationSettings {
  silentUntil: number | null;
  pinned: boolean;
  /** Until the next message, or for as long as it is silent. */
  hidden: boolean;
  favourite: boolean;
  /** By the user, until its read position moves. */
  markedUnread: boolean;
  /** Of which messages to be notified. */
  level: 'all' | 'mentions' | 'none';
}

/** A conversation as the signed-in user sees it. `peer` is the other user of a `dm`. */
export interface ConversationInfo {
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
  /** Users who do not take part may listen. */
  openToListeners: boolean;
  createdBy: string;
  createdAt: number;
  head: number;
  rev: number;
  epoch: number;
  first: number;
  peer: string | null;
  myRole: 'owner' | 'admin' | 'member' | null;
  readPos: number | null;
  unread: number | null;
  /** How many of them mention the user, counted up to 100. */
  mentions: number | null;
  settings: ConversationSettings | null;
  lastMessage: DownFrameOf<'message'> | null;
}

/** A filter that is left out shows all; hidden ones are listed only when asked for. */
export type ConversationsQuery = {
  readonly limit?: number;
  readonly cursor?: string;
  readonly archived?: boolean;
  readonly favourite?: boolean;
  readonly hidden?: boolean;
};
