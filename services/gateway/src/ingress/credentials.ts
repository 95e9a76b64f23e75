/** What a request says of its session, and where it may carry its token, so that every kind of client has one place that suits it. */
import type { IncomingMessage } from 'node:http';

/** Offered beside the encoding, for browsers, whose sockets can set no header: `mc.token.` and the token. */
const SUBPROTOCOL = 'mc.token.';
const COOKIE = 'mc_token';
const BEARER = /^Bearer +(\S+) *$/i;

type Request = Pick<IncomingMessage, 'headers'>;

/** Whether the address asks for `inbox` frames. */
export function asksForInbox(url: URL): boolean {
  return url.searchParams.get('inbox') === 'true';
}

/**
 * The token of the address, the `Authorization` header, the sub-protocol or the cookie, in this order; undefined without
 * one. Browsers send cookies whoever makes them ask, so a cookie counts only when a page of this very host asks, or one of
 * `cookieOrigins`; else it is as if there were none.
 */
export function tokenOf(request: Request, url: URL, cookieOrigins: readonly string[]): string | undefined {
  const { authorization, cookie } = request.headers;
  return (
    url.searchParams.get('token') ??
    BEARER.exec(authorization ?? '')?.[1] ??
    subprotocolToken(request) ??
    (mayUseCookie(request, cookieOrigins) ? cookieNamed(cookie ?? '', COOKIE) : undefined)
  );
}

function subprotocolToken({ headers }: Request): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(SUBPROTOCOL))?.slice(SUBPROTOCOL.length);
}

function mayUseCookie({ headers }: Request, cookieOrigins: readonly string[]): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  // A page that asks its own host by GET names no origin; newer browsers say so in this header.
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
  return cookieOrigins.includes(origin) || URL.parse(origin)?.host === host?.toLowerCase();
}

function cookieNamed(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (part.slice(0, at).trim() === name)
      return part
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}
