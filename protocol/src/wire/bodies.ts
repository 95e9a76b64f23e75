/** The kinds of messages and the shape of each body. A tenant's own kinds are described by the tenant (features/kinds.ts). */
import { z } from 'zod';
import { CardBody } from './card.ts';
import { storable, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PollBody } from './poll.ts';
import { exceedsCodePoints } from './text-length.ts';
import { wordsUpTo } from './words.ts';

export const TextBody = z
  .object({ text: wordsUpTo(LIMITS.textCodePoints), format: z.enum(['plain', 'markdown']).optional() })
  .meta({ id: 'TextBody' });

/** A message that the service itself writes: somebody joined, was removed, the topic changed … */
export const SysBody = z
  .object({ event: z.string().min(1).max(64), users: z.array(UserId).max(LIMITS.participantsPerCall).optional() })
  .loose()
  .meta({ id: 'SysBody' });

/** WGS 84, in degrees; `accuracy` in metres. */
export const LocationBody = z
  .object({
    lat: z.number().min(-90).max(90),
    lng: z.number().min(-180).max(180),
    accuracy: z.number().min(0).max(1e7).optional(),
    name: wordsUpTo(200).optional(),
    address: wordsUpTo(500).optional(),
  })
  .meta({ id: 'LocationBody' });

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** A file that was uploaded before, and a caption. */
const file = {
  fileId: z.uuid().toLowerCase(),
  name: storable()
    .min(1)
    .refine((name) => !exceedsCodePoints(name, 255), { message: 'longer than 255 characters' }),
  type: z.string().regex(MEDIA_TYPE, 'must be a media type in lower case'),
  bytes: z.int().min(0),
  text: wordsUpTo(LIMITS.captionCodePoints).optional(),
};
const pixels = z.int().min(1).max(100_000);
/** A placeholder that is shown until the picture is there (ThumbHash, in Base64). */
const thumbhash = z.base64().min(4).max(64);
const picture = { width: pixels.optional(), height: pixels.optional(), thumbhash: thumbhash.optional() };
const durationMs = z.int().min(0).max(86_400_000);

export const FileBody = z.object(file).meta({ id: 'FileBody' });
export const ImageBody = z.object({ ...file, ...picture }).meta({ id: 'ImageBody' });
export const VideoBody = z.object({ ...file, ...picture, durationMs: durationMs.optional() }).meta({ id: 'VideoBody' });
export const AudioBody = z
  .object({
    ...file,
    durationMs: durationMs.optional(),
    waveform: z
      .array(z.int().min(0).max(100))
      .max(256)
      .optional()
      .meta({ description: 'Loudness over the time, in parts of equal length' }),
  })
  .meta({ id: 'AudioBody' });

/** Kinds that clients send, and the shape of each body. */
export const BODIES = {
  text: TextBody,
  location: LocationBody,
  card: CardBody,
  poll: PollBody,
  image: ImageBody,
  file: FileBody,
  audio: AudioBody,
  video: VideoBody,
} as const;
export type Kind = keyof typeof BODIES;
/** Bodies, by kind. */
export type Bodies = { [K in Kind]: z.infer<(typeof BODIES)[K]> };

/** Those that name a file: refused until there are uploads. */
export const FILE_KINDS: ReadonlySet<Kind> = new Set(['image', 'file', 'audio', 'video']);

/** Begins the names of kinds that tenants define. */
export const TENANT_KIND_PREFIX = 'x-';

/** Whether its bodies are described here. */
export function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(BODIES, kind);
}

/** Checked inside an object, so that wrong fields are named `body.…`, as the caller wrote them. */
export const BODIES_IN_PLACE = Object.fromEntries(
  Object.entries(BODIES).map(([kind, body]) => [kind, z.object({ body })]),
) as unknown as Readonly<Record<Kind, z.ZodType<{ body: object }>>>;

/**
 * What is wrong inside the body of a message that is refused for other reasons already, so that one refusal names all of
 * it. Nothing when its kind is unknown or its body no object: that is named already.
 */
export function bodyIssues(message: unknown): readonly z.core.$ZodIssue[] {
  const { kind, body } = (message ?? {}) as { readonly kind?: unknown; readonly body?: unknown };
  if (!isKind(kind) || typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return BODIES_IN_PLACE[kind].safeParse({ body }).error?.issues ?? [];
}
