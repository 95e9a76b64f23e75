/** What a page says of itself: by Open Graph, Twitter's cards, or its title and description. Pure. */
import type { PagePreview } from '@messagecore/protocol';
import { Parser } from 'htmlparser2';

export type PageFacts = Omit<PagePreview, 'url'>;

/** In characters as people count them. */
const MOST = { title: 200, description: 300, site: 100 } as const;
const MOST_OF_ADDRESS = 2_048;

/** By descending rank. */
const TITLE = ['og:title', 'twitter:title', 'title'];
const DESCRIPTION = ['og:description', 'twitter:description', 'description'];
const SITE = ['og:site_name', 'application-name'];
const IMAGE = ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image'];

/** Undefined for a page without a title. */
export function factsOf(html: string, base: URL): PageFacts | undefined {
  const said = readHead(html);
  const first = (names: readonly string[], most: number) =>
    names.map((name) => line(said.get(name) ?? '', most)).find((text) => text !== '');
  const title = first(TITLE, MOST.title);
  if (title === undefined) return undefined;
  const [description, site] = [first(DESCRIPTION, MOST.description), first(SITE, MOST.site)];
  const image = IMAGE.map((name) => addressOf(said.get(name), base)).find((address) => address !== undefined);
  return {
    title,
    ...(description !== undefined && description !== title && { description }),
    ...(site !== undefined && { site }),
    ...(image !== undefined && { image }),
  };
}

/** Tags that are open at once. The parser takes time for each of them at every tag; no head has nearly as many. */
const MOST_OPEN = 100;

/** The first of each name counts, and nothing behind the head. */
function readHead(html: string): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  const note = (name: string, text: string) => void (said.has(name) || said.set(name, text));
  let title: string | undefined;
  let open = 0;
  const parser = new Parser({
    onopentag(tag, { name, property = name, content }) {
      open += 1;
      if (tag === 'body' || open > MOST_OPEN) parser.pause();
      if (tag === 'title') title = '';
      if (tag === 'meta' && property !== undefined && content !== undefined) note(property.toLowerCase(), content);
    },
    ontext(text) {
      if (title !== undefined) title += text;
    },
    onclosetag(tag) {
      open -= 1;
      if (tag === 'title' && title !== undefined) note('title', title);
      title = undefined;
    },
  });
  parser.write(html);
  return said;
}

/** Controls, and what turns the direction of text or breaks the line. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of so many characters at the most. */
function line(text: string, most: number): string {
  const clean = text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  const characters = Array.from(clean.slice(0, 2 * most + 2));
  return characters.length <= most ? clean : `${characters.slice(0, most - 1).join('')}…`;
}

/** Of pictures that a client may fetch beside a page over TLS. */
function addressOf(text: string | undefined, base: URL): string | undefined {
  const url = text === undefined ? null : URL.parse(text, base.href);
  const isFit = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return url !== null && isFit && url.href.length <= MOST_OF_ADDRESS ? url.href : undefined;
}
