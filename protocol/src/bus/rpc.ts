/**
 * Requests of gateways to chat-services over the bus. Every operation takes a batch and answers item by item, in
 * order, so that a gateway can join what many sessions ask at once into one request and a chat-service can answer it
 * with few statements. Each item carries the tenant and, where it acts for somebody, the user.
 */
import { z } from 'zod';
import { ErrorCode } from '../wire/errors.ts';
import { Cid, ClientId, Epoch, Mid, Millis, OperationName, Pos, Rev, Seq, TenantId, UserId } from '../wire/ids.ts';
import { PresenceState, UnreadTotals } from '../wire/down.ts';
import { Args, Body, Emoji, ExpiresAfterRead, ExpiresIn, KindName } from '../wire/message.ts';
import { Vote } from '../wire/poll.ts';

/** A refusal of one item. It never fails its neighbours. */
export const RpcError = z.object({
  error: ErrorCode,
  msg: z.string(),
  retryAfterMs: z.int().optional(),
});
export type RpcError = z.infer<typeof RpcError>;

/**
 * Who asks, when, and for how long an answer is of use. `at` is milliseconds of a clock of the asker's own that only runs
 * forward, from any start; `now` is its wall clock.
 */
export const RpcStamp = z.object({ asker: z.string().max(64), at: z.int(), now: Millis, forMs: z.int().positive() });
export type RpcStamp = z.infer<typeof RpcStamp>;

/**
 * The token by which a user acts: its device, and the generation that `open` answered. A revocation since has given it
 * another one. Gateways of before send none: then it is not judged.
 */
const RpcToken = z.object({ device: ClientId.optional(), generation: z.int() });
export type RpcToken = z.infer<typeof RpcToken>;

const actor = { tid: TenantId, uid: UserId };
const byToken = { ...actor, token: RpcToken.optional() };

const rate = z.object({ perSecond: z.number(), burst: z.number() });

/** Verifies a token. Gateways hold no signing secret. With `unread`, the answer says what its user has not read, where that can be told. */
const open = {
  item: z.object({ jwt: z.string(), unread: z.boolean().optional() }),
  result: z.object({
    tid: TenantId,
    uid: UserId,
    /** Device id from the token, when it has one. */
    clientId: ClientId.optional(),
    /** Compared when the token acts; services of before answer none. */
    generation: z.int().optional(),
    expiresAt: Millis,
    framesPerConnection: rate,
    sendsPerUser: rate,
    unread: UnreadTotals.optional(),
  }),
};

/** Membership and position of a conversation, for a join. `reads` is left out in large conversations. */
const join = {
  item: z.object({ ...actor, cid: Cid }),
  result: z.object({
    head: Pos,
    rev: Rev,
    epoch: Epoch,
    first: Seq,
    access: z.int(),
    /** Oldest message that this user may see, where that is a later one than `first`. */
    from: Seq.optional(),
    reads: z.record(UserId, Pos).optional(),
    /** Wall clock, in milliseconds, up to which the user is muted; absent when he is not. */
    mutedUntil: z.number().optional(),
    /** The user does not take part, and may listen. */
    listener: z.literal(true).optional(),
  }),
};

/** Heads of rooms that a gateway holds; not_found when the conversation is gone. */
const heads = {
  item: z.object({ tid: TenantId, cid: Cid }),
  result: z.object({ head: Pos, rev: Rev, epoch: Epoch, first: Seq, access: z.int() }),
};

/** Which of these users may receive this conversation now. Asked when `access` moved and the event was missed. */
const members = {
  item: z.object({ tid: TenantId, cid: Cid, users: z.array(UserId).max(10_000) }),
  result: z.object({
    access: z.int(),
    users: z.array(UserId),
    /** Those of them who do not take part, and listen; none when left out. */
    listeners: z.array(UserId).optional(),
    /** Those of them who are muted, and until when, as in `join`. */
    muted: z.record(UserId, z.number()).optional(),
  }),
};

/**
 * Conversations that the user was added to within so long and takes part in now, the latest first, some of them when there are
 * very many. Asked by a gateway that was cut off from the bus.
 */
const gained = {
  item: z.object({ ...actor, withinMs: z.int().min(1).max(86_400_000) }),
  result: z.object({ cids: z.array(Cid) }),
};

/** Users in one question about who sees a user. */
export const VIEWERS = 1_000;

/** Which of `users` see the user `uid` (USER-2). Asked when those who watch the user are to be told of a change. */
const viewers = {
  item: z.object({ ...actor, users: z.array(UserId).max(VIEWERS) }),
  result: z.object({
    /** Those who see everybody in the tenant. */
    users: z.array(UserId),
    /** Guests who see this user now. */
    guests: z.array(UserId),
  }),
};

/** Users in one report or question about presence. */
export const PRESENCE_USERS = 1_000;
/** Milliseconds between two reports of all users who are at a gateway. */
export const PRESENCE_EVERY_MS = 5_000;

const presenceUsers = z.array(UserId).max(PRESENCE_USERS);

/**
 * Users of a tenant who are at a gateway: `active` on some device, `away` on all, or `gone` since the last report. Together at most
 * `PRESENCE_USERS`.
 */
const present = {
  item: z.object({ tid: TenantId, active: presenceUsers, away: presenceUsers, gone: presenceUsers }),
  result: z.object({}),
};

/** How the user `uid` sees `users`: those whom it sees, each with the time when it was last there, if that is shown. */
const presence = {
  item: z.object({ ...actor, users: presenceUsers }),
  result: z.object({ users: z.array(z.tuple([UserId, PresenceState, Millis.nullable()])) }),
};

/** Milliseconds between two reports of a gateway's `connections`. */
export const CONNECTIONS_EVERY_MS = 10_000;

/** How many sessions of a tenant a gateway has: answered with how many there are at all gateways, and may be. */
const connections = {
  item: z.object({ gateway: z.string().min(1).max(64), tid: TenantId, connections: z.int().min(0) }),
  result: z.object({ total: z.int().min(0), limit: z.int().min(0).nullable() }),
};

/** Users in one question, and in one answer, about a conversation's news. */
export const INBOX_USERS = 256;
/** Such questions in one request: their answers together stay below the bus's largest payload. */
export const INBOX_BATCH = 64;

/**
 * Where a conversation stands for those of `users` who take part; without `users` for everybody, if they are at most
 * `INBOX_USERS`. Null stands for who takes part and is not told: what is new is nothing that this user may see.
 */
const inbox = {
  item: z.object({ tid: TenantId, cid: Cid, users: z.array(UserId).max(INBOX_USERS).optional() }),
  result: z.object({
    head: Pos,
    /** Beginning of the newest message, if that is a text. */
    preview: z.string().optional(),
    users: z.array(z.tuple([UserId, z.int().min(0).nullable()])),
    /** Unread messages that mention these users; others have none. */
    mentions: z.record(UserId, z.int().min(1)).optional(),
    /** There are more than `INBOX_USERS`, so none are named: they are to be asked about by name. */
    more: z.boolean().optional(),
  }),
};

/** Tenants in one question for news. */
export const NEWS_TENANTS = 512;

/** Conversations of these tenants with messages that were stored within so long, and their heads, in pages by `cid`. */
const news = {
  item: z.object({
    tids: z.array(TenantId).max(NEWS_TENANTS),
    withinMs: z.int().min(1).max(3_600_000),
    after: Cid.optional(),
  }),
  result: z.object({ conversations: z.array(z.tuple([TenantId, Cid, Pos])), more: z.boolean() }),
};

const send = {
  item: z.object({
    ...byToken,
    cid: Cid,
    mid: Mid,
    clientId: ClientId,
    kind: KindName,
    /** Checked once, by the schema of its kind, where it is stored: gateways know no kinds, and have checked the frame. */
    body: z.unknown(),
    replyTo: Seq.optional(),
    threadRoot: Seq.optional(),
    showInChannel: z.boolean().optional(),
    expiresIn: ExpiresIn.optional(),
    expiresAfterRead: ExpiresAfterRead.optional(),
    /** The session has to wait this long, in milliseconds: answered when it is a repeat, `rate_limited` otherwise. */
    waitMs: z.int().min(1).optional(),
    /** Continues the trace of the send (W3C `traceparent`); of those alone that are recorded. */
    trace: z.string().max(64).optional(),
  }),
  result: z.object({ seq: Seq, at: Millis, repeat: z.boolean() }),
};

const change = {
  item: z.object({
    ...byToken,
    cid: Cid,
    seq: Seq,
    change: z.discriminatedUnion('t', [
      z.object({ t: z.literal('edit'), body: Body }),
      z.object({ t: z.literal('recall') }),
      z.object({ t: z.literal('react'), emoji: Emoji, on: z.boolean() }),
      z.object({ t: z.literal('pin'), on: z.boolean() }),
      z.object({ t: z.literal('vote'), options: Vote }),
      z.object({ t: z.literal('closePoll') }),
      z.object({ t: z.literal('hidePreviews') }),
    ]),
  }),
  result: z.object({ rev: Rev }),
};

/** A device's delivery report: up to where it has received. */
const ack = { item: z.object({ ...actor, cid: Cid, clientId: ClientId, pos: Pos }), result: z.object({ pos: Pos }) };

/** The user's read position: only forward, at most the head. */
const read = { item: z.object({ ...actor, cid: Cid, pos: Pos }), result: z.object({ pos: Pos, unread: z.int() }) };

/** Operations that wait for a server of the tenant (ENDP-4), so that they may take seconds whatever the services do. */
export const SLOW_OPERATIONS: ReadonlySet<string> = new Set(['messages.translate']);

/** An operation of any product area, called by the session `sid`. With `cid` it is carried out after what was called for that conversation before. */
const call = {
  item: z.object({
    ...byToken,
    sid: z.string().optional(),
    /** From where the session comes, for the audit log. Older gateways do not say it. */
    address: z.string().max(64).optional(),
    op: OperationName,
    cid: Cid.optional(),
    args: Args.optional(),
  }),
  result: z.object({ data: z.unknown().optional() }),
};

/** Operations whose batches are JSON: `{items: […]}` -> `{items: [result | RpcError, …]}`. */
export const RPC = {
  open,
  join,
  heads,
  members,
  gained,
  viewers,
  present,
  presence,
  connections,
  inbox,
  news,
  send,
  change,
  ack,
  read,
  call,
} as const;
export type RpcName = keyof typeof RPC;
export type RpcItem<N extends RpcName> = z.infer<(typeof RPC)[N]['item']>;
export type RpcResult<N extends RpcName> = z.infer<(typeof RPC)[N]['result']>;

/** Items in one request at the most. */
export const RPC_BATCH = 512;

/**
 * `history` and `changes` answer one request with one payload in the form of bus/envelope.ts (messages or updates), or
 * an empty payload when there is nothing. A page ends after `limit` items or about `BATCH_BYTES`, whichever is first.
 * An error answer is a payload that starts with `{"error":`.
 */
export const PAGES = {
  /** Messages `from … to`, ascending, both included. */
  history: z.object({ tid: TenantId, cid: Cid, from: Seq, to: Seq, limit: z.int().min(1).max(1_000) }),
  /** Final states of messages changed after `after`, ascending by `rev`. */
  changes: z.object({ tid: TenantId, cid: Cid, after: Rev, limit: z.int().min(1).max(1_000) }),
} as const;
export type PageName = keyof typeof PAGES;
export type PageRequest<N extends PageName> = z.infer<(typeof PAGES)[N]>;

export function isRpcError(result: object): result is RpcError {
  return 'error' in result;
}
