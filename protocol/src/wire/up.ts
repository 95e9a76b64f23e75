/** Frames that a client sends. One schema a frame; `UpFrame` is their union. */
import { z } from 'zod';
import { Cid, ClientId, Epoch, Mid, Millis, OperationName, Pos, Ref, Rev, Seq, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { Args, Body, Emoji, ExpiresAfterRead, ExpiresIn, KindName } from './message.ts';

export const AuthUp = z
  .object({ t: z.literal('auth'), jwt: z.string().min(1).max(LIMITS.tokenBytes), inbox: z.boolean().optional() })
  .meta({ id: 'AuthUp' });

export const JoinUp = z
  .object({
    t: z.literal('join'),
    cid: Cid,
    since: Pos.optional(),
    rev: Rev.optional(),
    epoch: Epoch.optional(),
    ref: Ref.optional(),
  })
  .meta({ id: 'JoinUp' });

/** `pos` holds `[since, rev, epoch?]` for each conversation. */
export const ResumeUp = z
  .object({
    t: z.literal('resume'),
    pos: z
      .record(Cid, z.tuple([Pos, Rev, Epoch.optional()]))
      .refine((pos) => Object.keys(pos).length <= LIMITS.resumeConversations, {
        message: `more than ${LIMITS.resumeConversations} conversations: send several frames`,
      }),
  })
  .meta({ id: 'ResumeUp' });

export const LeaveUp = z.object({ t: z.literal('leave'), cid: Cid, ref: Ref.optional() }).meta({ id: 'LeaveUp' });

export const SendUp = z
  .object({
    t: z.literal('send'),
    cid: Cid,
    mid: Mid,
    clientId: ClientId,
    at: Millis,
    kind: KindName,
    body: Body,
    replyTo: Seq.optional(),
    threadRoot: Seq.optional(),
    showInChannel: z.boolean().optional(),
    expiresIn: ExpiresIn.optional(),
    expiresAfterRead: ExpiresAfterRead.optional(),
    ref: Ref.optional(),
  })
  .meta({ id: 'SendUp' });

export const EditUp = z
  .object({ t: z.literal('edit'), cid: Cid, seq: Seq, body: Body, ref: Ref })
  .meta({ id: 'EditUp' });
export const RecallUp = z.object({ t: z.literal('recall'), cid: Cid, seq: Seq, ref: Ref }).meta({ id: 'RecallUp' });
export const ReactUp = z
  .object({ t: z.literal('react'), cid: Cid, seq: Seq, emoji: Emoji, on: z.boolean(), ref: Ref })
  .meta({ id: 'ReactUp' });

const position = { cid: Cid, pos: Pos, ref: Ref.optional() };
/** A device's delivery report. The server's `ack`, the answer to a `send`, is another frame. */
export const AckUp = z.object({ t: z.literal('ack'), ...position }).meta({ id: 'AckUp' });
export const ReadUp = z.object({ t: z.literal('read'), ...position }).meta({ id: 'ReadUp' });
export const TypingUp = z.object({ t: z.literal('typing'), cid: Cid, on: z.boolean() }).meta({ id: 'TypingUp' });

/** Whether anybody is at this device. */
export const PresenceUp = z
  .object({ t: z.literal('presence'), state: z.enum(['online', 'away']) })
  .meta({ id: 'PresenceUp' });

const users = z.array(UserId).min(1).max(LIMITS.watchedUsers);
export const WatchUp = z.object({ t: z.literal('watch'), users }).meta({ id: 'WatchUp' });
export const UnwatchUp = z.object({ t: z.literal('unwatch'), users }).meta({ id: 'UnwatchUp' });

/** Carries out an operation. With `cid`, calls of the same conversation are carried out in the order sent. */
export const CallUp = z
  .object({ t: z.literal('call'), op: OperationName, ref: Ref, cid: Cid.optional(), args: Args.optional() })
  .meta({ id: 'CallUp' });

export const PingUp = z.object({ t: z.literal('ping'), at: Millis }).meta({ id: 'PingUp' });

export const UpFrame = z
  .discriminatedUnion('t', [
    AuthUp,
    JoinUp,
    ResumeUp,
    LeaveUp,
    SendUp,
    EditUp,
    RecallUp,
    ReactUp,
    AckUp,
    ReadUp,
    TypingUp,
    PresenceUp,
    WatchUp,
    UnwatchUp,
    CallUp,
    PingUp,
  ])
  .meta({ id: 'UpFrame' });

export type UpFrame = z.infer<typeof UpFrame>;
export type UpFrameOf<T extends UpFrame['t']> = Extract<UpFrame, { t: T }>;
