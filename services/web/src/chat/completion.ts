/** What is offered while one writes: people behind an `@`, the tenant's emojis behind a `:`. All of it pure. */
import { emojiBegunAt, type Emojis, emojisLike, type Picture } from './emojis.ts';
import { begunAt, completions, type Mentionable, writtenFor } from './mentions.ts';

export interface Offer {
  readonly id: string;
  readonly name: string;
  /** What stands beside it in a list. */
  readonly note?: string;
  /** Of an emoji. */
  readonly picture?: Picture;
  /** What takes the place of what was begun. */
  readonly written: string;
}

export interface Offers {
  /** Where in the text it was begun. */
  readonly from: number;
  readonly of: 'people' | 'emojis';
  readonly offers: readonly Offer[];
}

export interface OfferedFrom {
  readonly people: readonly Mentionable[];
  readonly emojis: Emojis;
}

/** So many are offered at a time. */
const MOST = 8;

/** Undefined where nothing was begun before the caret. */
export function offersAt(text: string, caret: number, { people, emojis }: OfferedFrom): Offers | undefined {
  const emoji = emojiBegunAt(text, caret);
  if (emoji !== undefined) {
    const offers = emojisLike(emoji.query, emojis, MOST).map((picture) => offerOf(picture));
    if (offers.length > 0) return { from: emoji.from, of: 'emojis', offers };
  }
  const begun = begunAt(text, caret);
  if (begun === undefined) return undefined;
  const offers = completions(begun.query, people, MOST).map((person) => ({
    ...person,
    written: writtenFor(person, people),
  }));
  return { from: begun.from, of: 'people', offers };
}

function offerOf(picture: Picture): Offer {
  const written = `:${picture.name}:`;
  return { id: written, name: written, picture, written };
}
