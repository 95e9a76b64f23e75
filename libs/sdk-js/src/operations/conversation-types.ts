/** Made by `generate.ts` from the definitions of the operations: what those of conversations take and answer. */
import type {
  Ban,
  BookmarkState,
  CardAction,
  Conversation,
  ConversationSettings,
  Draft,
  Invitation,
  InvitationLink,
  InvitationsCreated,
  JoinRequest,
  LinkCreated,
  MessageDown,
  OnlinePage,
  OwnVote,
  Participant,
  ParticipantsAdded,
  PollVote,
  ScheduledMessage,
  Thread,
  ThreadPage,
  ThreadState,
  Translation,
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
  /** Remove a bookmark. */
  'bookmarks.remove': { args: { cid: string; seq: number }; result: BookmarkState };
  /** Make a bookmark of a message, or change its note. */
  'bookmarks.set': { args: { cid: string; seq: number } & { note?: string | undefined }; result: BookmarkState };
  /** Press a button of a card, or give a select or input a value; its owner is told once. */
  'cards.act': {
    args: { cid: string; seq: number } & {
      action: string;
      value?: string | undefined;
      inputs?: Record<string, string> | undefined;
    } & { idempotencyKey: string };
    result: CardAction;
  };
  /** Answer what somebody did with one’s own card, and change the card if need be. */
  'cards.answer': {
    args: { cid: string; actionId: string } & {
      ok: boolean;
      text?: string | undefined;
      body?: Record<string, unknown> | undefined;
    };
    result: CardAction;
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
      openToListeners?: boolean | undefined;
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
  /** Get what a text says in another language, by the tenant’s translator. */
  'messages.translate': { args: { cid: string; seq: number } & { to: string }; result: Translation };
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
  /** Close one’s own poll, or as an admin another one. */
  'polls.close': { args: { cid: string; seq: number }; result: MessageDown };
  /** See what one has voted for. */
  'polls.ownVote': { args: { cid: string; seq: number }; result: OwnVote };
  /** Vote, in place of one’s vote before; no options take it back. */
  'polls.vote': { args: { cid: string; seq: number } & { options: string[] }; result: MessageDown };
  /** List who has voted for what, the first ones first; never of an anonymous poll. */
  'polls.votes': {
    args: {
      cid: string;
      seq: number;
      limit?: number | undefined;
      cursor?: string | undefined;
      option?: string | undefined;
    };
    result: { items: PollVote[]; next: string | null };
  };
  /** Count and list the participants of a conversation who are there. */
  'presence.participants': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: OnlinePage;
  };
  /** Have a message sent at a later time. */
  'scheduled.create': {
    args: { cid: string } & {
      mid: string;
      kind: string;
      body: Record<string, unknown>;
      replyTo?: number | undefined;
      threadRoot?: number | undefined;
      showInChannel?: boolean | undefined;
      expiresIn?: number | undefined;
      expiresAfterRead?: number | undefined;
      at: number;
    };
    result: ScheduledMessage;
  };
  /** Have a message not sent. */
  'scheduled.remove': { args: { cid: string; mid: string }; result: undefined };
  /** Change the time or the body of a message that is not sent yet. */
  'scheduled.update': {
    args: { cid: string; mid: string } & { at?: number | undefined; body?: Record<string, unknown> | undefined };
    result: ScheduledMessage;
  };
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
