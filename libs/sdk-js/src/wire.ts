/**
 * What travels, as plain types: the shapes of the protocol's schemas without the library that checks them, so that the
 * published declarations need nothing else. `wire.test.ts` holds them equal to the schemas.
 */
import type { ERRORS, SUBPROTOCOLS } from '@messagecore/protocol/constants';
import type { Mentions } from './operations/conversation-shapes.ts';

export type ErrorCode = keyof typeof ERRORS;
export type Encoding = keyof typeof SUBPROTOCOLS;
export type MessageBody = Record<string, unknown>;

/** A stored message. `rev` is 0 while it was never changed. */
export interface Message {
  cid: string;
  seq: number;
  mid: string;
  /** Id of the user who sent it. */
  from: string;
  /** When the server stored it, in milliseconds since 1970. */
  at: number;
  kind: string;
  body: MessageBody;
  replyTo?: number | undefined;
  threadRoot?: number | undefined;
  /** Of a reply in a thread: it is shown in the conversation too. */
  showInChannel?: boolean | undefined;
  /** Whom it mentions: users by their ids, groups of users by the names that they had then, all participants, or those who were there. */
  mentions?: Mentions | undefined;
  rev: number;
  edited?: boolean | undefined;
  recalled?: boolean | undefined;
  /** Seconds after which the service recalls it, from when everybody else has read it. `expiresAt` says when, once they have. */
  expiresAfterRead?: number | undefined;
  /** When the service recalls it, in milliseconds since 1970: hide it then, also while offline. */
  expiresAt?: number | undefined;
  /** Recalled because that time has come. */
  expired?: boolean | undefined;
  /** How many users reacted with each emoji. */
  reactions?: Record<string, number> | undefined;
  pinned?: boolean | undefined;
  /** Votes by option, by how many users, and whether it was closed; absent while nobody has voted. */
  poll?: { counts: Record<string, number>; voters: number; closed?: boolean | undefined } | undefined;
  /** Of pages that the text links to. */
  previews?: PagePreview[] | undefined;
}

export interface PagePreview {
  /** The link, as it stands in the text. */
  url: string;
  title: string;
  description?: string | undefined;
  site?: string | undefined;
  /** Address of a picture. */
  image?: string | undefined;
}

export interface SessionLimits {
  frameBytes: number;
  textCodePoints: number;
  joinedConversations: number;
  resumeConversations: number;
  sendsInFlight: number;
  framesPerSecond: number;
  sendsPerSecond: number;
}

/** Frames that the server sends. */
export interface DownFrames {
  ready: { t: 'ready'; userId: string; serverTs: number; sid: string; heartbeatMs: number; limits: SessionLimits } & {
    /** Conversations with unread messages, and mentions in all of them; of a client that was made with `inbox: true`. */
    unread?: { conversations: number; mentions: number } | undefined;
  };
  joined: {
    t: 'joined';
    cid: string;
    head: number;
    rev: number;
    epoch: number;
    first: number;
    /** How far each participant has read; absent in large conversations. */
    reads?: Record<string, number> | undefined;
    /** The user does not take part, and listens to a public channel that is open to listeners. */
    listener?: true | undefined;
  };
  gap: { t: 'gap'; cid: string; from: number; to: number; reason: 'expired' | 'erased' | 'restored' };
  heads: { t: 'heads'; cids: Record<string, [head: number, rev: number]> };
  message: Message & { t: 'message' };
  update: Message & { t: 'update' };
  ack: { t: 'ack'; cid: string; pos: number; mid: string; at: number };
  /** A request with this `ref` was carried out. */
  result: {
    t: 'result';
    ref: string;
    cid?: string | undefined;
    /** Of a change: that of the message. */
    rev?: number | undefined;
    /** Of a position: where it stands now. */
    pos?: number | undefined;
    unread?: number | undefined;
    /** Of a call: what the operation answers. */
    data?: unknown;
  };
  read: { t: 'read'; cid: string; pos: number; from: string };
  typing: { t: 'typing'; cid: string; from: string; on: boolean };
  /** Of a user who is watched. */
  presence: {
    t: 'presence';
    user: string;
    state: 'online' | 'away' | 'busy' | 'offline';
    lastSeen?: number | undefined;
  };
  conv: {
    [key: string]: unknown;
    t: 'conv';
    cid: string;
    event:
      | 'created'
      | 'changed'
      | 'deleted'
      | 'added'
      | 'removed'
      | 'muted'
      | 'role'
      | 'participants'
      | 'invited'
      | 'uninvited'
      | 'requested'
      | 'unrequested';
    /** Whom it is about; absent when it is about the conversation itself. */
    users?: string[] | undefined;
  };
  /** Something of a product area; `data` of those that are known is in `UserEvents` of user-events.ts. */
  event: { t: 'event'; event: string; cid?: string | undefined; data: Record<string, unknown> };
  inbox: {
    t: 'inbox';
    cid: string;
    head: number;
    unread: number;
    /** How many of them mention the user; absent where none does. */
    mentions?: number | undefined;
    preview?: string | undefined;
  };
  error: {
    t: 'error';
    code: ErrorCode;
    msg: string;
    ref?: string | undefined;
    cid?: string | undefined;
    retryAfterMs?: number | undefined;
    head?: number | undefined;
    epoch?: number | undefined;
  };
  bye: {
    t: 'bye';
    reason: 'draining' | 'expired' | 'suspended' | 'revoked' | 'lagging';
    reconnectInMs: number;
  };
  pong: { t: 'pong'; at: number };
}
export type DownFrame = DownFrames[keyof DownFrames];
export type DownFrameOf<T extends keyof DownFrames> = DownFrames[T];

/** Frames that a client sends. */
export interface UpFrames {
  auth: { t: 'auth'; jwt: string; inbox?: boolean | undefined };
  join: {
    t: 'join';
    cid: string;
    since?: number | undefined;
    rev?: number | undefined;
    epoch?: number | undefined;
    ref?: string | undefined;
  };
  resume: { t: 'resume'; pos: Record<string, [since: number, rev: number, epoch?: number | undefined]> };
  leave: { t: 'leave'; cid: string; ref?: string | undefined };
  send: {
    t: 'send';
    cid: string;
    mid: string;
    clientId: string;
    at: number;
    kind: string;
    body: MessageBody;
    replyTo?: number | undefined;
    threadRoot?: number | undefined;
    showInChannel?: boolean | undefined;
    expiresIn?: number | undefined;
    expiresAfterRead?: number | undefined;
    ref?: string | undefined;
  };
  edit: { t: 'edit'; cid: string; seq: number; body: MessageBody; ref: string };
  recall: { t: 'recall'; cid: string; seq: number; ref: string };
  react: { t: 'react'; cid: string; seq: number; emoji: string; on: boolean; ref: string };
  ack: { t: 'ack'; cid: string; pos: number; ref?: string | undefined };
  read: { t: 'read'; cid: string; pos: number; ref?: string | undefined };
  typing: { t: 'typing'; cid: string; on: boolean };
  presence: { t: 'presence'; state: 'online' | 'away' };
  watch: { t: 'watch'; users: string[] };
  unwatch: { t: 'unwatch'; users: string[] };
  call: {
    t: 'call';
    op: string;
    ref: string;
    cid?: string | undefined;
    args?: Record<string, unknown> | undefined;
  };
  ping: { t: 'ping'; at: number };
}
export type UpFrame = UpFrames[keyof UpFrames];
export type UpFrameOf<T extends keyof UpFrames> = UpFrames[T];

/** One page of a list. `next` is the cursor of the following page, null at the end. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** Messages ascending by `seq`. `first` is the oldest one still kept. */
export interface HistoryPage {
  items: DownFrameOf<'message'>[];
  head: number;
  rev: number;
  first: number;
  epoch: number;
  /** Whether there is more in the direction asked: a page may end before its limit. */
  more: boolean;
  /** Where they were asked for. */
  quotes?: Quote[] | undefined;
  threads?: ThreadSummary[] | undefined;
}

/** What the reply `seq` quotes, as it was when that was sent, and what became of it. */
export interface Quote {
  seq: number;
  quoted: number;
  from: string;
  at: number;
  kind: string;
  /** An excerpt; null for what was recalled, and for kinds without text. */
  text: string | null;
  /** Since the reply was sent. */
  edited: boolean;
  recalled: boolean;
}

/** The replies to the message `seq`. */
export interface ThreadSummary {
  seq: number;
  replies: number;
  members: number;
  lastSeq: number;
  lastAt: number;
}

/** The answer to a message sent over HTTP. */
export interface Sent {
  cid: string;
  seq: number;
  mid: string;
  at: number;
}

/** An error over HTTP (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  errors?: { path: string; message: string }[] | undefined;
  retryAfterMs?: number | undefined;
}
