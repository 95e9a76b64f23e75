import { z } from 'zod';
import { Cid, Mid, Millis, Rev, Seq, storable, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PagePreview } from './page-preview.ts';
import { PollBody, PollState } from './poll.ts';
import { exceedsCodePoints, TOO_LARGE } from './text-length.ts';

const text = z
  .string()
  .min(1)
  .refine((value) => !exceedsCodePoints(value, LIMITS.textCodePoints), {
    message: `longer than ${LIMITS.textCodePoints} characters`,
    params: { code: TOO_LARGE },
  });

export const TextBody = z.object({ text, format: z.enum(['plain', 'markdown']).optional() }).meta({ id: 'TextBody' });

/** A message that the service itself writes: somebody joined, was removed, the topic changed … */
export const SysBody = z
  .object({ event: z.string().min(1).max(64), users: z.array(UserId).max(LIMITS.participantsPerCall).optional() })
  .loose()
  .meta({ id: 'SysBody' });

/** Kinds that a client may send and the shape of each body. */
export const BODIES = { text: TextBody, poll: PollBody } as const;
export type Kind = keyof typeof BODIES;

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

/** Whether a client may send this kind. */
export function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(BODIES, kind);
}

/** Checked inside an object, so that wrong fields are named `body.…`, as the caller wrote them. */
export const BODIES_IN_PLACE: Readonly<Record<Kind, z.ZodType<{ body: object }>>> = {
  text: z.object({ body: BODIES.text }),
  poll: z.object({ body: BODIES.poll }),
};

/**
 * What is wrong inside the body of a message that is refused for other reasons already, so that one refusal names all of
 * it. Nothing when its kind is unknown or its body no object: that is named already.
 */
export function bodyIssues(message: unknown): readonly z.core.$ZodIssue[] {
  const { kind, body } = (message ?? {}) as { readonly kind?: unknown; readonly body?: unknown };
  if (!isKind(kind) || typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return BODIES_IN_PLACE[kind].safeParse({ body }).error?.issues ?? [];
}

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
    rev: Rev,
    edited: z.boolean().optional(),
    recalled: z.boolean().optional(),
    reactions: z.record(z.string(), z.int().min(1)).optional(),
    pinned: z.boolean().optional(),
    poll: PollState.optional(),
    previews: z.array(PagePreview).optional(),
  })
  .meta({ id: 'Message' });

export type Message = z.infer<typeof Message>;

/** A reaction: one emoji, or a name of the tenant's own as `:name:`. Which are taken is the service's to say (REV-10). */
export const Emoji = storable().min(1).max(32).meta({ id: 'Emoji' });
