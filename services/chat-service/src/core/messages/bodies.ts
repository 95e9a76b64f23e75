/** What a message may say: the kinds that clients send, and the one text form in which a body is stored and sent. */
import { BODIES_IN_PLACE, ChatError, invalid, isKind, LIMITS } from '@messagecore/protocol';
import { Forwarded } from '@messagecore/protocol/features';

/**
 * The canonical JSON of a body: checked, unknown fields dropped, keys in the schema's order. Two bodies are the same
 * if and only if their canonical texts are. Throws `unsupported_kind`, `too_large`, or `bad_request` naming every
 * wrong field.
 */
export function canonicalBody(kind: string, body: unknown): string {
  if (!isKind(kind)) throw new ChatError('unsupported_kind', `unknown kind of message: ${kind}`);
  const parsed = BODIES_IN_PLACE[kind].safeParse({ body });
  if (!parsed.success) throw invalid(parsed.error);
  const text = JSON.stringify(parsed.data.body);
  if (Buffer.byteLength(text) > LIMITS.bodyBytes) {
    throw new ChatError('too_large', `body: more than ${LIMITS.bodyBytes} bytes`);
  }
  return text;
}

/** Where a message that was forwarded comes from, by its body; undefined for any other. */
export function originOf(body: string): Forwarded | undefined {
  return Forwarded.safeParse((JSON.parse(body) as { readonly forwarded?: unknown }).forwarded).data;
}
