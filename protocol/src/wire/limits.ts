import { CLIENT_LIMITS } from './client-limits.ts';

/**
 * Every bound of the wire protocol and its default. Units are in the names. What happens at a bound is said in
 * SPEC.md beside the rule that quotes it.
 */
export const LIMITS = {
  ...CLIENT_LIMITS,
  /** A client frame larger than this closes the connection with 1009. */
  frameBytes: 64 * 1024,
  /** WebSocket fragments of one frame; more close the connection with 1008. */
  frameFragments: 256,
  /** Unicode code points in a text body. */
  textCodePoints: 16_000,
  /** Unicode code points in the caption of a file and in the text of a card, and in what is put into an input of one. */
  captionCodePoints: 4_000,
  cardInputCodePoints: 3_000,
  /** What stands in the inputs of a card, as JSON; what its owner answers; and for how long that is waited for. */
  cardActionBytes: 32 * 1024,
  cardAnswerCodePoints: 1_000,
  cardAnswerMs: 3_000,
  /** Address of an endpoint of a tenant; and for how long two secrets of it may sign. */
  endpointUrlCharacters: 2_000,
  endpointOverlapHours: 168,
  /** A language tag; characters of a translation; languages in which those of a message are kept, and for how long. */
  languageTagCharacters: 35,
  translationCodePoints: 48_000,
  translationsPerMessage: 20,
  translationDays: 30,
  /** For so long the tenant's translator is waited for. */
  translationMs: 3_500,
  /** Serialized body of any kind; wide enough for `textCodePoints` in their longest JSON escapes. */
  bodyBytes: 96 * 1024,
  /** Objects and arrays inside each other in a body. */
  bodyDepth: 32,
  /** Conversations that one session may have joined at once. */
  joinedConversations: 5_000,
  /** Kinds of messages that a tenant defines, and the JSON Schema of each: characters of it, and how deep it is. */
  kindsPerTenant: 32,
  kindSchemaBytes: 8 * 1024,
  kindSchemaDepth: 32,
  /** Participants whose read positions `joined` tells; of larger conversations it tells none. */
  readsInJoined: 32,
  /** Different emojis on one message: their counts travel with every frame of it. */
  emojisPerMessage: 64,
  /** Bodies that an edited message's trail keeps: the first, and the newest of the others. */
  bodiesInTrail: 32,
  /** Users whom the sessions of one user at a gateway watch together. */
  watchedByUser: 5_000,
  /** By the address of a stream: they take 13 KiB of `requestHeadBytes`. */
  watchedByStream: 300,
  /** Users whom all sessions of a gateway watch together, each counted once for each session. */
  watchedByGateway: 500_000,
  /** Devices of one user; one more puts the one that was longest unused out. */
  devicesPerUser: 200,
  /** Passkeys of one account. */
  passkeysPerUser: 20,
  /** Users whom one user may block. */
  blocksPerUser: 5_000,
  /** Users whom one user follows. */
  followsPerUser: 10_000,
  /** Fields that a tenant may add to the profiles of its users. */
  profileFields: 32,
  /** Users whom one message mentions. */
  mentionsPerMessage: 50,
  /** Groups that one message mentions, members of these together, groups that a tenant has, and users of each. */
  groupsPerMessage: 10,
  groupMembersPerMessage: 1_000,
  userGroupsPerTenant: 500,
  userGroupMembers: 1_000,
  /** Users who are added to a group in one call, and who are removed from it. */
  groupMembersPerCall: 100,
  /** Participants of a conversation in which `@all` and `@here` mention them. */
  mentionAllParticipants: 10_000,
  /** Unread messages that mention a user, counted. */
  mentionsCounted: 100,
  /** Conversations with something new that `unread` of `ready` looks at. */
  unreadConversations: 200,
  /** Time to live of a message that has one: a year. */
  expiresInSeconds: 365 * 24 * 60 * 60,
  /** The same from when everybody else has read it: a week. And participants of a conversation in which a message may have one. */
  expiresAfterReadSeconds: 7 * 24 * 60 * 60,
  expiresAfterReadParticipants: 100,
  /** Messages pinned in one conversation. */
  pinsPerConversation: 100,
  /** Of a poll: its options, and characters of the question and of each option. */
  pollOptions: 20,
  pollQuestionCodePoints: 500,
  pollOptionCodePoints: 200,
  /** Emojis that a tenant adds. */
  emojisPerTenant: 1_000,
  /** Links of a message of which previews are made, the first ones. */
  linkPreviews: 3,
  /** Conversations that a user has pinned. */
  pinnedConversations: 100,
  /** Unread replies of a thread, counted; and the threads last followed among which a user's own are listed. */
  threadUnread: 100,
  threadsFollowed: 1_000,
  /** Users in one question about presence, and in one page of those who are there. */
  presenceUsers: 200,
  /** Participants of a conversation who are looked at for one page of those who are there. */
  presenceParticipants: 2_000,
  /** Drafts of one user. */
  draftsPerUser: 500,
  /** Messages that a user has scheduled and that are not sent yet, reminders and bookmarks of a user. */
  scheduledPerUser: 100,
  remindersPerUser: 500,
  bookmarksPerUser: 5_000,
  /** How far ahead a message may be scheduled, and somebody be reminded. */
  aheadDays: 366,
  /** Of a note about a message. */
  noteCharacters: 1_000,
  /** The longest slow mode. */
  slowSeconds: 21_600,
  /** Participants named in one REST call. */
  participantsPerCall: 1_000,
  /** Users invited in one call. */
  invitationsPerCall: 100,
  /** Open invitations that a user has, and to a conversation. */
  invitationsPerUser: 200,
  invitationsPerConversation: 1_000,
  /** Links to a conversation that are not revoked or expired. */
  linksPerConversation: 50,
  /** Open requests to join of a user, and for a conversation. */
  joinRequestsPerUser: 100,
  joinRequestsPerConversation: 1_000,
  /** Channels to which every user of a tenant is added. */
  defaultChannels: 20,
  /** Members of a conversation are counted up to this. */
  membersCounted: 10_000,
  /** Body of a REST request. */
  httpBodyBytes: 1024 * 1024,
  /** Messages in one page of history. */
  pageMessages: 200,
  /** Lines in one page of an export. */
  exportedLines: 2_000,
  /** Messages forwarded in one call. */
  forwardedPerCall: 50,
  /** Messages that one page of those by sender or kind looks at. */
  messagesLookedAt: 5_000,
  /** Bytes of one page of a list or of the history: it ends before it would be larger, but has one item at least. */
  pageBytes: 1024 * 1024,
  /** A token, wherever it is carried: in a frame, an address or a header. Leaves a quarter of `requestHeadBytes`. */
  tokenBytes: 12 * 1024,
  /** Concurrent sends of one session that wait for their `ack`. */
  sendsInFlight: 1_024,
  /** Sessions of one user at one gateway. */
  sessionsPerUser: 1_000,
  /** Connections of a gateway that have no user yet, all together and from one address. */
  pendingConnections: 20_000,
  pendingPerAddress: 2_000,

  heartbeatMs: 15_000,
  deadPeerMs: 45_000,
  /** Whoever has no session is `offline` after this, however the last one ended. */
  presenceMs: 30_000,
  tokenLeewayMs: 5_000,
  /** How far ahead the clock of somebody who signs tokens may be. */
  issuerSkewMs: 60_000,
  tokenTtlSeconds: { min: 1, max: 86_400, default: 3_600 },

  /** Bytes buffered for one session above which ephemeral frames are dropped and the session lags. */
  lagBytes: 1024 * 1024,
  /** A lagging session is replayed once its buffer is below this. */
  resumeBytes: 128 * 1024,
  /** A session that lags for longer is closed with 1013. */
  lagCloseMs: 5 * 60_000,

  /** This many malformed frames within the window close the connection with 4400. */
  malformedFrames: 20,
  malformedWindowMs: 10_000,
  /** This many rate-limit refusals within the window close the connection with 4429. */
  refusals: 500,
  refusalWindowMs: 10_000,
  /** How long the user whose connection was closed with 4429 opens no other one. */
  floodedOutMs: 1_000,

  /** Method, address and headers of an HTTP request: how long they may be, and how long they may take. */
  requestHeadBytes: 16 * 1024,
  requestHeadMs: 10_000,
  /** A whole HTTP request, its body included. */
  requestMs: 15_000,
  /** HTTP answers given and not yet read, of one user and of one address. */
  unsentPerUser: 4 * 1024 * 1024,
  unsentPerAddress: 16 * 1024 * 1024,
  /** An HTTP peer that takes nothing of an answer for so long is cut off, or not the whole of it in so long. */
  answerStallMs: 10_000,
  answerMs: 120_000,
} as const;

/** A token bucket: sustained rate and the burst on top of an idle bucket. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Rate limits that a deployment or a plan may change. */
export interface RateLimits {
  readonly framesPerConnection: Rate;
  readonly sendsPerUser: Rate;
  readonly sendsPerRoom: Rate;
  /** Of one tenant; what its plan has when left out. */
  readonly sendsPerTenant?: Rate;
  /** Memberships that are made or ended, by one user and in one tenant. */
  readonly membershipsPerUser: Rate;
  readonly membershipsPerTenant: Rate;
  readonly httpPerIp: Rate;
  /** Tokens made, and lists and searches of users, over HTTP from one address. */
  readonly tokensPerIp: Rate;
  readonly searchesPerIp: Rate;
  /** Sign-ins and what else tries a secret, and requests for mail, over HTTP from one address. */
  readonly signInsPerIp: Rate;
  readonly mailsPerIp: Rate;
  /** Wrong passwords and codes for one account from one address (ten times as many from all), and mails to one address. */
  readonly signInsPerAccount: Rate;
  readonly mailsPerAccount: Rate;
  /** Tokens of one user that one gateway verifies, for sessions, event streams and `auth` frames. */
  readonly opensPerUser: Rate;
  /** Joins of one user at one gateway, over all sessions: what comes faster waits. */
  readonly joinsPerUser: Rate;
  /** Bytes that a gateway reads of one user, and bytes of history that it replays, over all sessions: the rest waits. */
  readonly uploadPerUser: Rate;
  readonly replayPerUser: Rate;
  /** Lists and pages over HTTP, of one user. */
  readonly readsPerUser: Rate;
  /** Pages that are fetched for previews of links, for what one user sends, and one tenant. */
  readonly previewsPerUser: Rate;
  readonly previewsPerTenant: Rate;
  /** Translations that a tenant's translator is asked for, for one user, and all of the tenant. */
  readonly translationsPerUser: Rate;
  readonly translationsPerTenant: Rate;
}

/** Rates that a route of REST may name as its own, beside `httpPerIp`. */
const ROUTE_RATES = [
  'tokensPerIp',
  'searchesPerIp',
  'signInsPerIp',
  'mailsPerIp',
] as const satisfies readonly (keyof RateLimits)[];
export type RouteRate = (typeof ROUTE_RATES)[number];

export function isRouteRate(name: string): name is RouteRate {
  return (ROUTE_RATES as readonly string[]).includes(name);
}

/** `production` is the documented default; `load` is wide enough for load tests on one machine. */
export const RATE_PROFILES: Readonly<Record<'production' | 'load', RateLimits>> = {
  production: {
    framesPerConnection: { perSecond: 100, burst: 200 },
    sendsPerUser: { perSecond: 30, burst: 100 },
    sendsPerRoom: { perSecond: 300, burst: 600 },
    membershipsPerUser: { perSecond: 30, burst: 1_000 },
    membershipsPerTenant: { perSecond: 1_000, burst: 20_000 },
    httpPerIp: { perSecond: 300, burst: 600 },
    tokensPerIp: { perSecond: 100, burst: 300 },
    searchesPerIp: { perSecond: 50, burst: 200 },
    signInsPerIp: { perSecond: 1, burst: 60 },
    mailsPerIp: { perSecond: 0.1, burst: 20 },
    signInsPerAccount: { perSecond: 0.05, burst: 10 },
    mailsPerAccount: { perSecond: 0.002, burst: 5 },
    opensPerUser: { perSecond: 10, burst: 100 },
    joinsPerUser: { perSecond: 50, burst: 100 },
    uploadPerUser: { perSecond: 256 * 1024, burst: 1024 * 1024 },
    replayPerUser: { perSecond: 1024 * 1024, burst: 4 * 1024 * 1024 },
    readsPerUser: { perSecond: 10, burst: 60 },
    previewsPerUser: { perSecond: 0.2, burst: 20 },
    previewsPerTenant: { perSecond: 5, burst: 100 },
    translationsPerUser: { perSecond: 1, burst: 60 },
    translationsPerTenant: { perSecond: 20, burst: 400 },
  },
  load: {
    framesPerConnection: { perSecond: 100_000, burst: 200_000 },
    sendsPerUser: { perSecond: 100_000, burst: 200_000 },
    sendsPerRoom: { perSecond: 200_000, burst: 400_000 },
    sendsPerTenant: { perSecond: 1_000_000, burst: 2_000_000 },
    membershipsPerUser: { perSecond: 1_000_000, burst: 2_000_000 },
    membershipsPerTenant: { perSecond: 1_000_000, burst: 2_000_000 },
    httpPerIp: { perSecond: 100_000, burst: 200_000 },
    tokensPerIp: { perSecond: 100_000, burst: 200_000 },
    searchesPerIp: { perSecond: 100_000, burst: 200_000 },
    signInsPerIp: { perSecond: 100_000, burst: 200_000 },
    mailsPerIp: { perSecond: 100_000, burst: 200_000 },
    signInsPerAccount: { perSecond: 100_000, burst: 200_000 },
    mailsPerAccount: { perSecond: 100_000, burst: 200_000 },
    opensPerUser: { perSecond: 100_000, burst: 200_000 },
    joinsPerUser: { perSecond: 100_000, burst: 200_000 },
    uploadPerUser: { perSecond: 1e9, burst: 2e9 },
    replayPerUser: { perSecond: 1e9, burst: 2e9 },
    readsPerUser: { perSecond: 100_000, burst: 200_000 },
    previewsPerUser: { perSecond: 100_000, burst: 200_000 },
    previewsPerTenant: { perSecond: 100_000, burst: 200_000 },
    translationsPerUser: { perSecond: 100_000, burst: 200_000 },
    translationsPerTenant: { perSecond: 100_000, burst: 200_000 },
  },
};
