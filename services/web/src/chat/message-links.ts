/** Addresses of messages, and texts with addresses in them. All of it pure. */
import type { Message } from '@messagecore/protocol';

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

/** What an address may consist of (RFC 3986): letters of other scripts end it, so that it stands among them without spaces. */
const ADDRESS = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g;
/** What ends a sentence, or a bracket, behind it. */
const END = /[.,;:!?')\]]+$/;

/** The text in parts, with what leads somewhere; put together they are the text. */
export function partsOf(text: string, page = here()): readonly (string | Link)[] {
  const parts: (string | Link)[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const href = found.includes('(') ? found : found.replace(END, '');
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
