/** What a message may say: the kinds that clients send, and the one text form in which a body is stored and sent. */
import { BODIES, ChatError, invalid, type Kind, TOO_LARGE } from '@messagecore/protocol';

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(BODIES, kind);
}

/**
 * The canonical JSON of a body: checked, unknown fields dropped, keys in the schema's order. Two bodies are the same
 * if and only if their canonical texts are. Throws `unsupported_kind`, `too_large`, or `bad_request` naming every
 * wrong field.
 */
export function canonicalBody(kind: string, body: unknown): string {
  if (!isKind(kind)) throw new ChatError('unsupported_kind', `unknown kind of message: ${kind}`);
  const parsed = BODIES[kind].safeParse(body);
  if (parsed.success) return JSON.stringify(parsed.data);
  const tooLarge = parsed.error.issues.find((issue) => issue.code === 'custom' && issue.params?.code === TOO_LARGE);
  if (tooLarge) throw new ChatError('too_large', `${['body', ...tooLarge.path].join('.')}: ${tooLarge.message}`);
  const { errors = [] } = invalid(parsed.error);
  const placed = errors.map((error) => ({ ...error, path: error.path === '' ? 'body' : `body.${error.path}` }));
  const detail = placed.map((error) => `${error.path}: ${error.message}`).join('; ');
  throw new ChatError('bad_request', detail, { errors: placed });
}
