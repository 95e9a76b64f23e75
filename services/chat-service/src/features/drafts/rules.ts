import { ChatError, LIMITS } from '@messagecore/protocol';

type Body = Readonly<Record<string, unknown>>;

/** What is kept of a body: null when there is nothing in it that anybody would want back. Throws `too_large`. */
export function keptBody(body: Body | null): string | null {
  if (body === null || Object.values(body).every((value) => value === '')) return null;
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) <= LIMITS.bodyBytes) return text;
  throw new ChatError('too_large', `body: more than ${LIMITS.bodyBytes} bytes`);
}
