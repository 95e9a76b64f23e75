/** What a message may say: the kinds that clients send, and the one text form in which a body is stored and sent. */
import { BODIES, ChatError, invalid, type Kind, LIMITS } from '@messagecore/protocol';
import { z } from 'zod';

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(BODIES, kind);
}

/** Checked inside an object, so that wrong fields are named `body.…`, as the caller wrote them. */
const SHAPES: Readonly<Record<Kind, z.ZodType<{ body: object }>>> = { text: z.object({ body: BODIES.text }) };

/**
 * The canonical JSON of a body: checked, unknown fields dropped, keys in the schema's order. Two bodies are the same
 * if and only if their canonical texts are. Throws `unsupported_kind`, `too_large`, or `bad_request` naming every
 * wrong field.
 */
export function canonicalBody(kind: string, body: unknown): string {
  if (!isKind(kind)) throw new ChatError('unsupported_kind', `unknown kind of message: ${kind}`);
  const parsed = SHAPES[kind].safeParse({ body });
  if (!parsed.success) throw invalid(parsed.error);
  const text = JSON.stringify(parsed.data.body);
  if (Buffer.byteLength(text) > LIMITS.bodyBytes) {
    throw new ChatError('too_large', `body: more than ${LIMITS.bodyBytes} bytes`);
  }
  return text;
}
