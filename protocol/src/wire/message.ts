import { z } from 'zod';
import { Cid, Mid, Millis, Rev, Seq, storable, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PagePreview } from './page-preview.ts';
import { PollState } from './poll.ts';

/** A kind on the wire: readers must accept kinds they do not know. */
export const KindName = z.string().min(1).max(32).meta({ id: 'KindName' });

/** Whether objects and arrays stand at most `depth` deep inside each other. A scalar is 0 deep. */
export function nestsWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => nestsWithin(inner, depth - 1));
}

/** Any object. Its depth is bounded, so that no later step that recurses over a body can be made to overflow. */
export const Body = z
  .record(z.string(), z.unknown())
  .refine((body) => nestsWithin(body, LIMITS.bodyDepth), { message: `nested deeper than ${LIMITS.bodyDepth}` })
  .meta({ id: 'Body', description: 'Shape depends on the kind' });

/** Arguments of an operation, which checks them itself. */
export const Args = z
  .record(z.string(), z.unknown())
  .refine((args) => nestsWithin(args, LIMITS.bodyDepth), { message: `nested deeper than ${LIMITS.bodyDepth}` })
  .meta({ id: 'Args', description: 'Shape depends on the operation' });

/** A group of users that a message mentions, by the name that it had then. */
const MentionedGroup = z.object({ id: z.uuid().toLowerCase(), name: z.string() }).meta({ id: 'MentionedGroup' });

/**
 * Whom a message mentions: users and groups by name, and with `all` or `here` those whom these words name (MEN).
 */
export const Mentions = z
  .object({
    users: z.array(UserId).max(LIMITS.mentionsPerMessage),
    groups: z.array(MentionedGroup).max(LIMITS.groupsPerMessage).optional(),
    all: z.boolean().optional(),
    here: z.boolean().optional(),
  })
  .meta({ id: 'Mentions' });
export type Mentions = z.infer<typeof Mentions>;

/** Seconds after which the service recalls a message (EXPR). */
export const ExpiresIn = z.int().min(1).max(LIMITS.expiresInSeconds).meta({ id: 'ExpiresIn' });

/** Seconds from when everybody else has read a message, after which the service recalls it (EXPR-7). */
export const ExpiresAfterRead = z.int().min(1).max(LIMITS.expiresAfterReadSeconds).meta({ id: 'ExpiresAfterRead' });

/** A stored message as clients see it. `rev` is 0 while it was never changed. */
export const Message = z
  .object({
    cid: Cid,
    seq: Seq,
    mid: Mid,
    from: UserId,
    at: Millis,
    kind: KindName,
    body: Body,
    replyTo: Seq.optional(),
    threadRoot: Seq.optional(),
    showInChannel: z.boolean().optional(),
    mentions: Mentions.optional(),
    rev: Rev,
    edited: z.boolean().optional(),
    recalled: z.boolean().optional(),
    expiresAfterRead: ExpiresAfterRead.optional(),
    expiresAt: Millis.optional(),
    expired: z.boolean().optional(),
    reactions: z.record(z.string(), z.int().min(1)).optional(),
    pinned: z.boolean().optional(),
    poll: PollState.optional(),
    previews: z.array(PagePreview).optional(),
  })
  .meta({ id: 'Message' });

export type Message = z.infer<typeof Message>;

/** A reaction: one emoji, or a name of the tenant's own as `:name:`. Which are taken is the service's to say (REV-10). */
export const Emoji = storable().min(1).max(32).meta({ id: 'Emoji' });
