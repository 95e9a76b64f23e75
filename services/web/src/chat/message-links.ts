/** Addresses of messages, and texts with addresses in them. All of it pure. */
import type { Message } from '@messagecore/protocol';
import { LinkifyIt } from 'linkify-it';

export type Place = Pick<Message, 'cid' | 'seq'>;

/** A part of a text that leads somewhere: to a message of this installation where there is a `place`. */
export interface Link {
  readonly href: string;
  readonly place: Place | undefined;
}

/** Where the page is. */
const here = () => location.origin + location.pathname;

/** Leads those who take part to the message. */
export function addressOf({ cid, seq }: Place, page = here()): string {
  return `${page}#room=${cid}&seq=${seq}`;
}

/** Knows where an address ends, in any script. */
const finder = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
/** Where one may begin: behind a letter of a script without spaces, too. */
const BEGINNING = /(?<!\w)https?:/gi;

/** The text in parts, with what leads somewhere; put together they are the text. */
export function partsOf(text: string, page = here()): readonly (string | Link)[] {
  const parts: (string | Link)[] = [];
  let at = 0;
  for (const { 0: scheme, index } of text.matchAll(BEGINNING)) {
    const length = index < at ? 0 : finder.testSchemaAt(text, scheme.toLowerCase(), index + scheme.length);
    if (length === 0) continue;
    const href = text.slice(index, index + scheme.length + length);
    if (index > at) parts.push(text.slice(at, index));
    parts.push({ href, place: placeIn(href, page) });
    at = index + href.length;
  }
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

/** The message to which an address of this page leads. */
function placeIn(href: string, page: string): Place | undefined {
  const [address, hash] = href.split('#', 2);
  if (address !== page || hash === undefined) return undefined;
  const given = new URLSearchParams(hash);
  const [cid, seq] = [given.get('room'), Number(given.get('seq'))];
  return cid !== null && cid !== '' && Number.isSafeInteger(seq) && seq > 0 ? { cid, seq } : undefined;
}
