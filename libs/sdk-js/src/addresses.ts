/** Where things are: addresses made from what the application gave, and from ids and texts. */
import { ChatError } from '@messagecore/protocol/constants';

/** Address of a page, against which relative addresses count. */
function pageAddress(): string | undefined {
  return (globalThis as { location?: { href?: string } }).location?.href;
}

/** The absolute address of a gateway's WebSocket. A relative one, or one of a page, counts from the page. */
export function webSocketAddress(given: string): string {
  const url = absolute(given);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}

/** Where HTTP is spoken beside a gateway's `…/ws`, without a slash at the end: `https://host/chat` for `wss://host/chat/ws`. */
export function httpBeside(webSocketUrl: string): string {
  const url = new URL(webSocketUrl);
  const protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  return `${protocol}//${url.host}${url.pathname.replace(/\/ws\/?$/, '').replace(/\/+$/, '')}`;
}

/** The absolute address of the API, without a slash at the end. */
export function apiAddress(given: string): string {
  const { origin, pathname } = absolute(given);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** A text as one part of a path. Throws `bad_request` for `.` and `..`, which no URL can name. */
export function segment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new ChatError('bad_request', `no URL can name "${text}"`);
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
}

function absolute(given: string): URL {
  try {
    return new URL(given, pageAddress());
  } catch (cause) {
    throw new TypeError(`no address, or relative without a page: ${given}`, { cause });
  }
}
