/** What comes in as text must be text: bytes that are no UTF-8 are refused, not replaced, whatever carries them. */
import { isUtf8 } from 'node:buffer';
import { ChatError } from '@messagecore/protocol';
import type { App } from './app-type.ts';

/** Printable ASCII: everything else is percent-encoded in an address. */
const ADDRESS = /^[\x21-\x7e]*$/;

/** Addresses, of which the router decodes the path alone. */
export function addAddressCheck(app: App): void {
  app.addHook('onRequest', async ({ raw: { url = '' } }) => {
    if (!ADDRESS.test(url))
      throw new ChatError('bad_request', 'the address has characters that are not percent-encoded');
    const query = url.slice(url.indexOf('?') + 1);
    if (query !== url && decoded(query) === undefined) {
      throw new ChatError('bad_request', 'the query is not percent-encoded UTF-8');
    }
  });
}

/** Bodies: JSON in UTF-8 and nothing else; clients that always say `application/json` may still send none. */
export function addJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
    if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
      return done(new ChatError('unsupported_media_type', 'a body is JSON in UTF-8'));
    }
    if (!isUtf8(body)) return done(new ChatError('bad_request', 'the body is not UTF-8'));
    if (body.length === 0) return done(null);
    return void parse(request, body.toString(), done);
  });
}

/**
 * The text of a header: UTF-8, which Node hands over a byte a character, or percent-encoded UTF-8. Undefined when it is
 * neither.
 */
export function headerText(value: string): string | undefined {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? decoded(bytes.toString()) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
