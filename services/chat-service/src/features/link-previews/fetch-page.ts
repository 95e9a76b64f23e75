/**
 * Fetches the head of a page. Each redirect is a request of its own, so that its address is judged as that of the first one is;
 * all of them together end in time.
 */
import { STATUS } from '@messagecore/protocol';
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts';
import { textOf } from './page-text.ts';

export interface Page {
  readonly url: URL;
  readonly html: string;
}

const HEADERS = { accept: 'text/html,application/xhtml+xml', 'user-agent': 'MessageCore (preview of a link)' };
const TIMEOUT_MS = 5_000;
/** A head that is longer is of no page that wants to be shown. */
const MAX_BYTES = 256 * 1024;
const REDIRECTS = 3;

const IS_REDIRECT: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

/** Undefined for what is no page. Throws OutboundError. */
export async function fetchPage(outbound: Pick<Outbound, 'fetch'>, link: string): Promise<Page | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, cut: true, repeatable: false, signal };
  let url: URL | null = new URL(link);
  for (let hop = 0; hop <= REDIRECTS && url !== null; hop += 1) {
    url.hash = '';
    const answer = await outbound.fetch({ url: url.href, headers: HEADERS, ...limits });
    if (!IS_REDIRECT.has(answer.status)) return pageOf(url, answer);
    url = URL.parse(headerOf(answer, 'location') ?? '', url.href);
  }
  return undefined;
}

function pageOf(url: URL, answer: OutboundAnswer): Page | undefined {
  const type = headerOf(answer, 'content-type') ?? '';
  if (answer.status !== STATUS.ok || !HTML.test(type)) return undefined;
  return { url, html: textOf(answer.body, type) };
}

function headerOf({ headers }: OutboundAnswer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
