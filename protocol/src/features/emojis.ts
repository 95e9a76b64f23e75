/** Emojis of a tenant's own: what a reaction `:name:` looks like. */
import { z } from 'zod';
import { picture } from './names.ts';

/** As between the colons of a reaction (REV-10). */
const EmojiName = z.string().regex(/^[a-z0-9_+-]{1,30}$/, 'must be 1 to 30 lower-case letters, digits, _, + and -');

export const EmojiParams = z.object({ name: EmojiName });
export const NewEmoji = z.object({ image: picture(2_000) }).meta({ id: 'NewEmoji' });
export type NewEmoji = z.infer<typeof NewEmoji>;

export const CustomEmoji = z.object({ name: EmojiName, image: z.string() }).meta({ id: 'CustomEmoji' });
export type CustomEmoji = z.infer<typeof CustomEmoji>;
