/** What a message says in another language. */
import { z } from 'zod';
import { Cid, Seq } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';

/** As `zh-Hant-TW`, in any case of letters; answers have it as the standard writes it. */
export const LanguageTag = z
  .string()
  .max(LIMITS.languageTagCharacters)
  .refine(isLanguageTag, 'must be a language tag (BCP 47)')
  .meta({ id: 'LanguageTag', description: 'Language tag (BCP 47)' });

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

export const TranslateMessage = z.object({ to: LanguageTag }).meta({ id: 'TranslateMessage' });

export const Translation = z
  .object({
    cid: Cid,
    seq: Seq,
    to: z.string(),
    from: z.string().nullable().meta({ description: 'The language of the message, where the translator has said it' }),
    text: z.string(),
  })
  .meta({ id: 'Translation' });
export type Translation = z.infer<typeof Translation>;
