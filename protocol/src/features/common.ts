/** Parts that several routes share. */
import { z } from 'zod';
import { numeral } from '../wire/numeral.ts';
import { storable, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { nestsWithin } from '../wire/message.ts';

/** A tenant's own name for a user: at most 255 characters, unique in the tenant. */
export const ExternalId = storable().min(1).max(255).meta({ id: 'ExternalId' });

const EXTERNAL = /^ext:[^\0\p{Cs}]{1,255}$/u;
/** Names a user of the caller's tenant: the id, or `ext:` and the tenant's own name for them. */
export const UserRef = z
  .union([UserId, z.string().regex(EXTERNAL)], { error: 'must be a user id or ext:<externalId>' })
  .meta({ id: 'UserRef', description: 'A user id, or ext:<externalId>' });

const FLAGS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
/** A boolean, which a query spells `true` or `false`. */
export const flag = () => z.preprocess((value) => FLAGS.get(value) ?? value, z.boolean());

export const PageQuery = z.object({
  limit: numeral(z.int().min(1).max(LIMITS.pageMessages)).default(50),
  cursor: storable().min(1).max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** One page of a list. `next` is the cursor of the following page, null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

const METADATA_BYTES = 16 * 1024;
/** Escapes of NUL and of lone surrogates in JSON: `jsonb` refuses both. */
const UNSTORABLE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** The caller's own data, kept and returned as it is. */
export const Metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => nestsWithin(value, LIMITS.bodyDepth), {
    message: `nested deeper than ${LIMITS.bodyDepth}`,
    abort: true,
  })
  .refine((value) => JSON.stringify(value).length <= METADATA_BYTES, { message: `larger than ${METADATA_BYTES} bytes` })
  .refine((value) => !UNSTORABLE.test(JSON.stringify(value)), { message: 'must not contain NUL or a lone surrogate' })
  .meta({ id: 'Metadata' });
