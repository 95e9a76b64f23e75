/** Frames that the server sends. One schema a frame; `DownFrame` is their union. */
import { z } from 'zod';
import { Cid, Epoch, EventName, Mid, Millis, Pos, Ref, Rev, Seq, UserId } from './ids.ts';
import { ErrorCode } from './errors.ts';
import { Message } from './message.ts';

/** The bounds that a client needs to know to behave. */
export const SessionLimits = z
  .object({
    frameBytes: z.int(),
    textCodePoints: z.int(),
    joinedConversations: z.int(),
    resumeConversations: z.int(),
    sendsInFlight: z.int(),
    framesPerSecond: z.number(),
    sendsPerSecond: z.number(),
  })
  .meta({ id: 'SessionLimits' });
export type SessionLimits = z.infer<typeof SessionLimits>;

/** Over all conversations of a user: how many have unread messages, and how many messages of all of them mention the user. */
export const UnreadTotals = z
  .object({ conversations: z.int().min(0), mentions: z.int().min(0) })
  .meta({ id: 'UnreadTotals' });
export type UnreadTotals = z.infer<typeof UnreadTotals>;

export const ReadyDown = z
  .object({
    t: z.literal('ready'),
    userId: UserId,
    serverTs: Millis,
    sid: z.string(),
    heartbeatMs: z.int(),
    limits: SessionLimits,
    unread: UnreadTotals.optional(),
  })
  .meta({ id: 'ReadyDown' });

export const JoinedDown = z
  .object({
    t: z.literal('joined'),
    cid: Cid,
    head: Pos,
    rev: Rev,
    epoch: Epoch,
    first: Seq,
    reads: z.record(UserId, Pos).optional(),
    listener: z.literal(true).optional(),
  })
  .meta({ id: 'JoinedDown' });

export const GapReason = z.enum(['expired', 'erased', 'restored']).meta({ id: 'GapReason' });
export const GapDown = z
  .object({ t: z.literal('gap'), cid: Cid, from: Seq, to: Seq, reason: GapReason })
  .meta({ id: 'GapDown' });

export const HeadsDown = z
  .object({ t: z.literal('heads'), cids: z.record(Cid, z.tuple([Pos, Rev])) })
  .meta({ id: 'HeadsDown' });

export const MessageDown = Message.extend({ t: z.literal('message') }).meta({ id: 'MessageDown' });
export const UpdateDown = Message.extend({ t: z.literal('update') }).meta({ id: 'UpdateDown' });

export const AckDown = z
  .object({ t: z.literal('ack'), cid: Cid, pos: Seq, mid: Mid, at: Millis })
  .meta({ id: 'AckDown' });

/**
 * A request with this `ref` was carried out. `rev` is that of a changed message, `pos` and `unread` those of a position, `data` the result
 * of a `call`, in which null stands for what there is none of.
 */
export const ResultDown = z
  .object({
    t: z.literal('result'),
    ref: Ref,
    cid: Cid.optional(),
    rev: Rev.optional(),
    pos: Pos.optional(),
    unread: z.int().min(0).optional(),
    data: z.unknown().optional(),
  })
  .meta({ id: 'ResultDown' });

export const ReadDown = z.object({ t: z.literal('read'), cid: Cid, pos: Pos, from: UserId }).meta({ id: 'ReadDown' });
export const TypingDown = z
  .object({ t: z.literal('typing'), cid: Cid, from: UserId, on: z.boolean() })
  .meta({ id: 'TypingDown' });

export const PresenceState = z.enum(['online', 'away', 'busy', 'offline']).meta({ id: 'PresenceState' });
/** `lastSeen` only of who is offline, where it is known and shown. */
export const PresenceDown = z
  .object({ t: z.literal('presence'), user: UserId, state: PresenceState, lastSeen: Millis.optional() })
  .meta({ id: 'PresenceDown' });

export const ConvEventName = z
  .enum([
    'created',
    'changed',
    'deleted',
    'added',
    'removed',
    'muted',
    'role',
    'participants',
    'invited',
    'uninvited',
    'requested',
    'unrequested',
  ])
  .meta({ id: 'ConvEventName' });
/** `users` are those whom the event is about; absent when it is about the conversation itself. */
export const ConvDown = z
  .object({ t: z.literal('conv'), cid: Cid, event: ConvEventName, users: z.array(UserId).optional() })
  .loose()
  .meta({ id: 'ConvDown' });

/**
 * Something of a product area that concerns this user, named by `event`. In `data` null stands for what there is none of.
 */
export const EventDown = z
  .object({ t: z.literal('event'), event: EventName, cid: Cid.optional(), data: z.record(z.string(), z.unknown()) })
  .meta({ id: 'EventDown' });

export const InboxDown = z
  .object({
    t: z.literal('inbox'),
    cid: Cid,
    head: Pos,
    unread: z.int().min(0),
    mentions: z.int().min(1).optional(),
    preview: z.string().optional(),
  })
  .meta({ id: 'InboxDown' });

/** `ref` is the `ref` or `mid` of the request; `head` and `epoch` come with `cursor_ahead`. */
export const ErrorDown = z
  .object({
    t: z.literal('error'),
    code: ErrorCode,
    msg: z.string(),
    ref: z.string().optional(),
    cid: Cid.optional(),
    retryAfterMs: z.int().min(0).optional(),
    head: Pos.optional(),
    epoch: Epoch.optional(),
  })
  .meta({ id: 'ErrorDown' });

export const ByeReason = z.enum(['draining', 'expired', 'suspended', 'revoked', 'lagging']).meta({ id: 'ByeReason' });
export const ByeDown = z
  .object({ t: z.literal('bye'), reason: ByeReason, reconnectInMs: z.int().min(0) })
  .meta({ id: 'ByeDown' });

export const PongDown = z.object({ t: z.literal('pong'), at: Millis }).meta({ id: 'PongDown' });

export const DownFrame = z
  .discriminatedUnion('t', [
    ReadyDown,
    JoinedDown,
    GapDown,
    HeadsDown,
    MessageDown,
    UpdateDown,
    AckDown,
    ResultDown,
    ReadDown,
    TypingDown,
    PresenceDown,
    ConvDown,
    EventDown,
    InboxDown,
    ErrorDown,
    ByeDown,
    PongDown,
  ])
  .meta({ id: 'DownFrame' });

export type DownFrame = z.infer<typeof DownFrame>;
export type DownFrameOf<T extends DownFrame['t']> = Extract<DownFrame, { t: T }>;
