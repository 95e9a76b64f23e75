/** Made by `generate.ts` from the definitions of the operations: what they take and answer. */
import type {
  CardAction,
  Draft,
  Invitation,
  JoinRequest,
  OnlinePage,
  ScheduledMessage,
  Thread,
} from './conversation-shapes.ts';
import type {
  BlockedUser,
  Bookmark,
  CustomEmoji,
  DefaultChannel,
  DefaultChannels,
  Device,
  DirectoryChannel,
  FollowCounts,
  LinkAccepted,
  LinkPreview,
  Mention,
  OwnPresence,
  Presences,
  ProfileField,
  Reminder,
  ReminderState,
  TenantKind,
  UnreadMentions,
  User,
  UserGroup,
} from './shapes.ts';

import type { ConversationOperations } from './conversation-types.ts';
import type { MessageOperations } from './message-types.ts';
import type { TenantOperations } from './tenant-types.ts';
export interface Operations extends ConversationOperations, MessageOperations, TenantOperations {
  /** Invite somebody by mail to have an account: admins, and the back end. */
  'auth.invite': {
    args: {
      email: string;
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      locale?: ('en' | 'zh') | undefined;
    };
    result: undefined;
  };
  /** Block a user: no dm, no invitation, no following. */
  'blocks.add': { args: { user: string }; result: undefined };
  /** List the users whom one has blocked. */
  'blocks.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: BlockedUser[]; next: string | null };
  };
  /** Unblock a user. */
  'blocks.remove': { args: { user: string }; result: undefined };
  /** List one’s bookmarks, the newest first. */
  'bookmarks.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Bookmark[]; next: string | null };
  };
  /** List what was done with one’s own cards within the last day, the latest first. */
  'cards.actions': {
    args: { limit?: number | undefined; cursor?: string | undefined; waiting?: boolean | undefined };
    result: { items: CardAction[]; next: string | null };
  };
  /** Add every user to a channel, those of now and those to come; guests and bots are left out. */
  'defaultChannels.add': { args: { cid: string }; result: DefaultChannel };
  /** List the tenant’s default channels. */
  'defaultChannels.list': { args: {}; result: DefaultChannels };
  /** Add nobody else to a channel; who takes part stays. */
  'defaultChannels.remove': { args: { cid: string }; result: undefined };
  /** List one’s devices. */
  'devices.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Device[]; next: string | null };
  };
  /** Revoke a device: its tokens and sessions end. */
  'devices.revoke': { args: { clientId: string }; result: undefined };
  /** Revoke all: every token and session of the user ends. */
  'devices.revokeAll': { args: {}; result: undefined };
  /** List or search the tenant’s public channels; guests see none. */
  'directory.list': {
    args: {
      limit?: number | undefined;
      cursor?: string | undefined;
      q?: string | undefined;
      order?: ('name' | 'members') | undefined;
    };
    result: { items: DirectoryChannel[]; next: string | null };
  };
  /** List one’s drafts, the newest first. */
  'drafts.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Draft[]; next: string | null };
  };
  /** Take an emoji away; reactions with it stay, by their name. */
  'emojis.delete': { args: { name: string }; result: undefined };
  /** List the tenant’s own emojis, by name. */
  'emojis.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: CustomEmoji[]; next: string | null };
  };
  /** Add an emoji, or give it another picture. */
  'emojis.put': { args: { name: string } & { image: string }; result: CustomEmoji };
  /** Follow a user. */
  'follows.add': { args: { user: string }; result: undefined };
  /** Count who follows a user and whom the user follows. */
  'follows.count': { args: { user: string }; result: FollowCounts };
  /** List who follows a user. */
  'follows.followers': {
    args: { user: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** List whom a user follows. */
  'follows.following': {
    args: { user: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** Follow a user no more. */
  'follows.remove': { args: { user: string }; result: undefined };
  /** List one’s open invitations, the newest first. */
  'invitations.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Invitation[]; next: string | null };
  };
  /** List one’s own open requests, the newest first. */
  'joinRequests.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: JoinRequest[]; next: string | null };
  };
  /** List the kinds of messages that the tenant has defined, by name. */
  'kinds.list': { args: {}; result: { items: TenantKind[] } };
  /** Take no more messages of a kind; what was sent before stays as it is. */
  'kinds.remove': { args: { kind: string }; result: undefined };
  /** Define a kind of messages, or change its schema; what was sent before stays as it is. */
  'kinds.set': { args: { kind: string } & { schema: Record<string, unknown> }; result: TenantKind };
  /** Join by a link. */
  'links.accept': { args: { code: string }; result: LinkAccepted };
  /** See where a link leads, without joining. */
  'links.preview': { args: { code: string }; result: LinkPreview };
  /** List the messages that mention one, in all conversations, the newest first. */
  'mentions.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined; unread?: boolean | undefined };
    result: { items: Mention[]; next: string | null };
  };
  /** Count the unread messages that mention one, in all conversations together. */
  'mentions.unread': { args: {}; result: UnreadMentions };
  /** Whether users are there. */
  'presence.get': { args: { users: string[] }; result: Presences };
  /** Count and list the users of the tenant who are there. */
  'presence.list': { args: { limit?: number | undefined; cursor?: string | undefined }; result: OnlinePage };
  /** What one has chosen to show of one’s presence. */
  'presence.own': { args: {}; result: OwnPresence };
  /** Choose what others see of one’s presence, on all devices. */
  'presence.set': {
    args: { choice?: ('online' | 'away' | 'busy' | 'invisible') | undefined; showsLastSeen?: boolean | undefined };
    result: OwnPresence;
  };
  /** Take a field away from profiles. */
  'profileFields.delete': { args: { name: string }; result: undefined };
  /** List the fields that the tenant adds to profiles; users see those that users may see. */
  'profileFields.list': { args: {}; result: { items: ProfileField[] } };
  /** Add a field to profiles, or change it; values that do not fit any more are not shown. */
  'profileFields.put': {
    args: { name: string } & {
      label: string;
      type: 'text' | 'number' | 'boolean' | 'date' | 'url';
      visibleTo?: ('everyone' | 'self' | 'backend') | undefined;
    };
    result: ProfileField;
  };
  /** Be reminded of a message, or of a note, at a later time. */
  'reminders.create': {
    args: {
      reminderId: string;
      at: number;
      cid?: string | undefined;
      seq?: number | undefined;
      note?: string | undefined;
    };
    result: ReminderState;
  };
  /** List one’s reminders, those that are due first. */
  'reminders.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Reminder[]; next: string | null };
  };
  /** Remove a reminder: it is done, or not wanted any more. */
  'reminders.remove': { args: { reminderId: string }; result: undefined };
  /** Change the note or the time of a reminder, also of one that is due. */
  'reminders.update': {
    args: { reminderId: string } & { at?: number | undefined; note?: (string | null) | undefined };
    result: ReminderState;
  };
  /** List one’s messages that are not sent yet, the next one first, and those that could not be sent. */
  'scheduled.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: ScheduledMessage[]; next: string | null };
  };
  /** List the threads that one follows, in all conversations, those with the latest replies first. */
  'threads.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined; unread?: boolean | undefined };
    result: { items: Thread[]; next: string | null };
  };
  /** Add users to a group, and remove others. */
  'userGroups.changeMembers': {
    args: { groupId: string } & { add?: string[] | undefined; remove?: string[] | undefined };
    result: UserGroup;
  };
  /** Create a group of users. */
  'userGroups.create': { args: { name: string }; result: UserGroup };
  /** Delete a group; whom it has mentioned stays mentioned. */
  'userGroups.delete': { args: { groupId: string }; result: undefined };
  /** List the tenant’s groups of users, by name; for guests those to which they belong. */
  'userGroups.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: UserGroup[]; next: string | null };
  };
  /** List the members of a group. */
  'userGroups.members': {
    args: { groupId: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** Give a group another name. */
  'userGroups.rename': { args: { groupId: string } & { name: string }; result: UserGroup };
  /** Erase a user; the messages stay under a placeholder name. */
  'users.erase': { args: { user: string }; result: undefined };
  /** Read a user. */
  'users.get': { args: { user: string }; result: User };
  /** List the tenant’s users; guests see whom they share a conversation with. */
  'users.list': {
    args: { limit?: number | undefined; cursor?: string | undefined; q?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** Read oneself. */
  'users.me': { args: {}; result: User };
  /** Change a user’s name and profile, give it a role in the tenant, deactivate it, or let it in again; users may change their own name and profile. */
  'users.update': {
    args: { user: string } & {
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      deactivated?: boolean | undefined;
      avatar?: (string | null) | undefined;
      bio?: (string | null) | undefined;
      status?:
        | ({
            text?: string | undefined;
            emoji?: (string | null) | undefined;
            until?: (number | null) | undefined;
          } | null)
        | undefined;
      locale?: (string | null) | undefined;
      timeZone?: (string | null) | undefined;
      fields?: Record<string, (string | number | boolean) | null> | undefined;
    };
    result: User;
  };
  /** Change one’s own name and profile. */
  'users.updateMe': {
    args: {
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      deactivated?: boolean | undefined;
      avatar?: (string | null) | undefined;
      bio?: (string | null) | undefined;
      status?:
        | ({
            text?: string | undefined;
            emoji?: (string | null) | undefined;
            until?: (number | null) | undefined;
          } | null)
        | undefined;
      locale?: (string | null) | undefined;
      timeZone?: (string | null) | undefined;
      fields?: Record<string, (string | number | boolean) | null> | undefined;
    };
    result: User;
  };
}
