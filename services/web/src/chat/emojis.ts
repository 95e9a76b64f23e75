/** Emojis of a tenant's own: where they stand in texts, and how they are completed while one writes. All of it pure. */
import type { Begun } from './mentions.ts';

/** Pictures by the name that stands between the colons, by name. */
export type Emojis = ReadonlyMap<string, string>;

export interface Picture {
  readonly name: string;
  readonly image: string;
}

/** One name or several, not within a word, as in a time of the day. */
const RUNS = /(?<![\w:])(?::[\w+-]{1,30}:)+/g;
const NAMES = /:(?<name>[\w+-]{1,30}):/g;
const REACTION = /^:(?<name>[a-z0-9_+-]{1,30}):$/;
/** Shorter ones are smileys such as `:p`. */
const BEGUN = /(?:^|[^\w:])(?::[\w+-]{1,30}:)*:(?<query>[\w+-]{2,30})$/;

/** So much before the caret is looked at. */
const LONGEST = 128;

/** Those whose pictures a page may show: over `https` alone. */
export function emojisOf(pictures: readonly Picture[]): Emojis {
  return new Map(pictures.filter(({ image }) => isShown(image)).map(({ name, image }) => [name, image]));
}

export const isShown = (image: string): boolean => URL.canParse(image) && new URL(image).protocol === 'https:';

/** Of a reaction; undefined for emojis of Unicode, and for names that have no picture. */
export function pictureOf(reaction: string, emojis: Emojis): Picture | undefined {
  return pictureNamed(REACTION.exec(reaction)?.groups?.['name'], emojis);
}

/** The text in parts, with what is shown as a picture. Names that have none stay text. */
export function emojiParts(text: string, emojis: Emojis): readonly (string | Picture)[] {
  if (emojis.size === 0) return [text];
  const parts: (string | Picture)[] = [];
  let at = 0;
  for (const { 0: run, index: begin } of text.matchAll(RUNS)) {
    for (const { 0: found, index, groups } of run.matchAll(NAMES)) {
      const picture = pictureNamed(groups?.['name'], emojis);
      if (picture === undefined) continue;
      if (begin + index > at) parts.push(text.slice(at, begin + index));
      parts.push(picture);
      at = begin + index + found.length;
    }
  }
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

function pictureNamed(given: string | undefined, emojis: Emojis): Picture | undefined {
  const name = given?.toLowerCase() ?? '';
  const image = emojis.get(name);
  return image === undefined ? undefined : { name, image };
}

/** Undefined where no name was begun before the caret. */
export function emojiBegunAt(text: string, caret: number): Begun | undefined {
  const query = BEGUN.exec(text.slice(Math.max(0, caret - LONGEST), caret))?.groups?.['query'];
  return query === undefined ? undefined : { from: caret - query.length - 1, query };
}

/** Those whose names begin like this, then those that have it within them, so many at most. */
export function emojisLike(query: string, emojis: Emojis, limit = Infinity): readonly Picture[] {
  const wanted = query.trim().replaceAll(':', '').toLowerCase();
  const found = [...emojis]
    .map(([name, image]) => ({ name, image, at: name.indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.min(a.at, 1) - Math.min(b.at, 1));
  return found.slice(0, limit).map(({ name, image }) => ({ name, image }));
}
