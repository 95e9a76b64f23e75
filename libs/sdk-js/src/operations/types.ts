/** Made by `generate.ts` from the definitions of the operations: what they take and answer. */
import type {
  ApiKey,
  ApiKeyCreated,
  Ban,
  BlockedUser,
  ChangesPage,
  Conversation,
  ConversationSettings,
  DefaultChannel,
  DefaultChannels,
  Device,
  DirectoryChannel,
  Draft,
  FollowCounts,
  HistoryPage,
  Invitation,
  InvitationLink,
  InvitationsCreated,
  JoinRequest,
  LinkAccepted,
  LinkCreated,
  LinkPreview,
  MessageDown,
  Participant,
  ParticipantsAdded,
  ProfileField,
  ReadPosition,
  Tenant,
  TenantSettings,
  User,
} from './shapes.ts';

export interface Operations {
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
  /** Lift a ban. */
  'bans.lift': { args: { cid: string; user: string }; result: undefined };
  /** List those who are banned. */
  'bans.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: Ban[]; next: string | null };
  };
  /** Remove a user, who cannot come back until the ban ends or is lifted. */
  'bans.set': {
    args: { cid: string; user: string } & { until?: (number | null) | undefined; reason?: string | undefined };
    result: Ban;
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
  /** Create a conversation; a dm that exists, or a repeat under the same key, is returned as it is. */
  'conversations.create': {
    args: {
      kind: 'dm' | 'group' | 'private' | 'public';
      name?: string | undefined;
      topic?: string | undefined;
      avatar?: string | undefined;
      participants?: string[] | undefined;
      metadata?: Record<string, unknown> | undefined;
      history?: ('all' | 'since_joining') | undefined;
    } & { idempotencyKey?: string | undefined };
    result: Conversation;
  };
  /** Delete a conversation. */
  'conversations.delete': { args: { cid: string }; result: undefined };
  /** Read a conversation. */
  'conversations.get': { args: { cid: string }; result: Conversation };
  /** List one’s conversations, pinned ones first, then the most recently active. */
  'conversations.list': {
    args: {
      limit?: number | undefined;
      cursor?: string | undefined;
      archived?: boolean | undefined;
      favourite?: boolean | undefined;
      hidden?: boolean | undefined;
    };
    result: { items: Conversation[]; next: string | null };
  };
  /** Say how far one has read. */
  'conversations.read': { args: { cid: string } & { pos: number }; result: ReadPosition };
  /** Change name, topic, avatar or metadata; archive or bring back. */
  'conversations.update': {
    args: { cid: string } & {
      name?: (string | null) | undefined;
      topic?: (string | null) | undefined;
      avatar?: (string | null) | undefined;
      metadata?: Record<string, unknown> | undefined;
      archived?: boolean | undefined;
      history?: ('all' | 'since_joining') | undefined;
      posting?: ('all' | 'admins') | undefined;
      slowSeconds?: number | undefined;
    };
    result: Conversation;
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
  /** Keep a draft for all of one’s devices, or delete it; answers the draft that counts now. */
  'drafts.set': {
    args: { cid: string } & {
      body: Record<string, unknown> | null;
      replyTo?: number | undefined;
      version?: number | undefined;
    };
    result: Draft;
  };
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
  /** Accept one’s invitation to a conversation. */
  'invitations.accept': { args: { cid: string }; result: ParticipantsAdded };
  /** Invite users; whoever is invited already gets the newer message and expiry. */
  'invitations.create': {
    args: { cid: string } & { users: string[]; message?: string | undefined; ttlSeconds?: number | undefined };
    result: InvitationsCreated;
  };
  /** Decline one’s invitation to a conversation. */
  'invitations.decline': { args: { cid: string }; result: undefined };
  /** List the open invitations to a conversation. */
  'invitations.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: Invitation[]; next: string | null };
  };
  /** List one’s open invitations, the newest first. */
  'invitations.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Invitation[]; next: string | null };
  };
  /** Take an invitation back; admins those of others too. */
  'invitations.revoke': { args: { cid: string; user: string }; result: undefined };
  /** Let in who asked to join. */
  'joinRequests.approve': { args: { cid: string; user: string }; result: ParticipantsAdded };
  /** Ask to join a private channel; asking again changes the message. */
  'joinRequests.create': { args: { cid: string } & { message?: string | undefined }; result: JoinRequest };
  /** List the open requests to join a conversation, the oldest first. */
  'joinRequests.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: JoinRequest[]; next: string | null };
  };
  /** List one’s own open requests, the newest first. */
  'joinRequests.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: JoinRequest[]; next: string | null };
  };
  /** Refuse who asked to join. */
  'joinRequests.reject': { args: { cid: string; user: string }; result: undefined };
  /** Take one’s own request back. */
  'joinRequests.withdraw': { args: { cid: string }; result: undefined };
  /** Join by a link. */
  'links.accept': { args: { code: string }; result: LinkAccepted };
  /** Make a link to a conversation; its code is in this answer only. */
  'links.create': {
    args: { cid: string } & { ttlSeconds?: number | undefined; maxUses?: number | undefined };
    result: LinkCreated;
  };
  /** List the links to a conversation: admins all of them, others their own. */
  'links.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: InvitationLink[]; next: string | null };
  };
  /** See where a link leads, without joining. */
  'links.preview': { args: { code: string }; result: LinkPreview };
  /** Revoke a link; admins those of others too. */
  'links.revoke': { args: { cid: string; linkId: string }; result: undefined };
  /** Read the final states of messages changed after a rev. */
  'messages.changes': {
    args: { cid: string; after?: number | undefined; limit?: number | undefined };
    result: ChangesPage;
  };
  /** Edit one’s own message. */
  'messages.edit': { args: { cid: string; seq: number } & { body: Record<string, unknown> }; result: MessageDown };
  /** Read the history, ascending by seq; the newest page by default. */
  'messages.list': {
    args: {
      cid: string;
      before?: number | undefined;
      after?: number | undefined;
      around?: number | undefined;
      limit?: number | undefined;
    };
    result: HistoryPage;
  };
  /** Recall a message. */
  'messages.recall': { args: { cid: string; seq: number }; result: MessageDown };
  /** Change the settings of one’s own tenant. */
  'ownTenant.changeSettings': {
    args: {
      editWindowSeconds?: (number | null) | undefined;
      history?: (('all' | 'since_joining') | null) | undefined;
      groupsBy?: (('members' | 'admins') | null) | undefined;
      privateChannelsBy?: (('members' | 'admins') | null) | undefined;
      publicChannelsBy?: (('members' | 'admins') | null) | undefined;
      signUp?:
        | ({ mode: 'closed' | 'open' | 'domain' | 'invitation'; domains?: string[] | undefined } | null)
        | undefined;
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
  /** Read one’s own tenant. */
  'ownTenant.get': { args: {}; result: Tenant };
  /** List API keys. */
  'ownTenant.listKeys': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: ApiKey[]; next: string | null };
  };
  /** Revoke an API key. */
  'ownTenant.revokeKey': { args: { keyId: string }; result: undefined };
  /** Replace an API key by a new one, shown here only. */
  'ownTenant.rotateKey': { args: { keyId: string } & { overlapHours?: number | undefined }; result: ApiKeyCreated };
  /** Read the settings of one’s own tenant, with what holds where nothing is set. */
  'ownTenant.settings': { args: {}; result: TenantSettings };
  /** Rename one’s own tenant, or change the secret with which it signs tokens. */
  'ownTenant.update': { args: { name?: string | undefined; jwtSecret?: (string | null) | undefined }; result: Tenant };
  /** Add users. */
  'participants.add': {
    args: { cid: string } & { users: string[]; role?: ('admin' | 'member') | undefined };
    result: ParticipantsAdded;
  };
  /** Join a public channel. */
  'participants.join': { args: { cid: string }; result: ParticipantsAdded };
  /** Leave. */
  'participants.leave': { args: { cid: string }; result: undefined };
  /** List participants. */
  'participants.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: Participant[]; next: string | null };
  };
  /** Remove a participant, or leave. */
  'participants.remove': { args: { cid: string; user: string }; result: undefined };
  /** Give a role, hand ownership over, mute or unmute. */
  'participants.update': {
    args: { cid: string; user: string } & {
      role?: ('owner' | 'admin' | 'member') | undefined;
      mutedUntil?: (number | null) | undefined;
      muteReason?: string | undefined;
    };
    result: Participant;
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
  /** React. */
  'reactions.add': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
  /** Take a reaction back. */
  'reactions.remove': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
  /** Change one’s own settings of a conversation. */
  'settings.update': {
    args: { cid: string } & {
      silentUntil?: (number | null) | undefined;
      pinned?: boolean | undefined;
      hidden?: boolean | undefined;
      favourite?: boolean | undefined;
      level?: ('all' | 'mentions' | 'none') | undefined;
    };
    result: ConversationSettings;
  };
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
