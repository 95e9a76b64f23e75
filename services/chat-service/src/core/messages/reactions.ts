/** What may be a reaction: one emoji, or one of the tenant's own, each in one spelling (REV-10). */
import { ChatError } from '@messagecore/protocol';

/** One emoji of those recommended for general interchange (UTS #51), as far as this Node knows them. */
const EMOJI = /^\p{RGI_Emoji}$/v;

/** A tenant's own emoji. Which names a tenant has is not kept yet: every name of this form is taken. */
const CUSTOM = /^:[a-z0-9_+\-]{1,30}:$/v;

const VARIATION_SELECTORS = /[\u{FE0E}\u{FE0F}]/gu;

/** A character that is text unless a selector or a skin tone says otherwise. */
const TEXT_BY_DEFAULT = /(?:(?!\p{Emoji_Presentation})\p{Emoji})(?!\p{Emoji_Modifier})/gu;

/**
 * The one spelling of a reaction: an emoji fully qualified (with U+FE0F wherever the standard has it), a name in lower
 * case. Undefined for everything else.
 */
export function canonicalReaction(asked: string): string | undefined {
  const name = asked.toLowerCase();
  if (CUSTOM.test(name)) return name;
  const qualified = asked.replaceAll(VARIATION_SELECTORS, '').replaceAll(TEXT_BY_DEFAULT, '$&\u{FE0F}');
  return EMOJI.test(qualified) ? qualified : undefined;
}

/** Throws `bad_request` for what may not be set. */
export function requireReaction(asked: string): string {
  const reaction = canonicalReaction(asked);
  if (reaction !== undefined) return reaction;
  const message = 'must be one emoji, or :name: of lower-case letters, digits, _, + and -';
  throw new ChatError('bad_request', `emoji: ${message}`, { errors: [{ path: 'emoji', message }] });
}
