/** Made by `generate.ts` from the definitions of the operations: what those of conversations take and answer. */
import type {
  Ban,
  ChangesPage,
  Conversation,
  ConversationSettings,
  Draft,
  HistoryPage,
  Invitation,
  InvitationLink,
  InvitationsCreated,
  JoinRequest,
  LinkCreated,
  MessageDown,
  OnlinePage,
  Participant,
  ParticipantsAdded,
  Reaction,
  ReadPosition,
  Receipts,
  Thread,
  ThreadPage,
  ThreadState,
} from './conversation-shapes.ts';

export interface ConversationOperations {
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
  /** Keep a draft for all of one’s devices, or delete it; answers the draft that counts now. */
  'drafts.set': {
    args: { cid: string } & {
      body: Record<string, unknown> | null;
      replyTo?: number | undefined;
      version?: number | undefined;
    };
    result: Draft;
  };
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
  /** Refuse who asked to join. */
  'joinRequests.reject': { args: { cid: string; user: string }; result: undefined };
  /** Take one’s own request back. */
  'joinRequests.withdraw': { args: { cid: string }; result: undefined };
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
  /** Read by how many of how many, and by whom. */
  'messages.receipts': {
    args: {
      cid: string;
      seq: number;
      limit?: number | undefined;
      cursor?: string | undefined;
      state?: ('read' | 'delivered') | undefined;
    };
    result: Receipts;
  };
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
  /** Pin a message for all who take part. */
  'pins.add': { args: { cid: string; seq: number }; result: MessageDown };
  /** List the pinned messages of a conversation, the last one pinned first. */
  'pins.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: MessageDown[]; next: string | null };
  };
  /** Unpin a message. */
  'pins.remove': { args: { cid: string; seq: number }; result: MessageDown };
  /** Count and list the participants of a conversation who are there. */
  'presence.participants': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: OnlinePage;
  };
  /** React. */
  'reactions.add': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
  /** List who has reacted to a message, the first ones first. */
  'reactions.list': {
    args: {
      cid: string;
      seq: number;
      limit?: number | undefined;
      cursor?: string | undefined;
      emoji?: string | undefined;
    };
    result: { items: Reaction[]; next: string | null };
  };
  /** Take a reaction back. */
  'reactions.remove': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
  /** Change one’s own settings of a conversation. */
  'settings.update': {
    args: { cid: string } & {
      silentUntil?: (number | null) | undefined;
      pinned?: boolean | undefined;
      hidden?: boolean | undefined;
      favourite?: boolean | undefined;
      markedUnread?: boolean | undefined;
      level?: ('all' | 'mentions' | 'none') | undefined;
    };
    result: ConversationSettings;
  };
  /** Follow a thread. */
  'threads.follow': { args: { cid: string; seq: number }; result: ThreadState };
  /** The thread of a message: how many replies, of whom, and what the user has not read of it. */
  'threads.get': { args: { cid: string; seq: number }; result: Thread };
  /** List the threads of a conversation, those of the newest roots first. */
  'threads.list': {
    args: {
      cid: string;
      limit?: number | undefined;
      cursor?: string | undefined;
      from?: number | undefined;
      to?: number | undefined;
    };
    result: { items: Thread[]; next: string | null };
  };
  /** A page of the replies in a thread. */
  'threads.messages': {
    args: {
      cid: string;
      seq: number;
      before?: number | undefined;
      after?: number | undefined;
      limit?: number | undefined;
    };
    result: ThreadPage;
  };
  /** Report up to where one has read a thread. */
  'threads.read': { args: { cid: string; seq: number } & { pos: number }; result: ThreadState };
  /** Follow a thread no more, until one replies in it again. */
  'threads.unfollow': { args: { cid: string; seq: number }; result: ThreadState };
}
