/** What a message may say: the kinds that clients send, and the one text form in which a body is stored and sent. */
import { jsonLength } from '@messagecore/kernel';
import {
  BODIES_IN_PLACE,
  ChatError,
  FILE_KINDS,
  invalid,
  isKind,
  LIMITS,
  TENANT_KIND_PREFIX,
} from '@messagecore/protocol';
import { Forwarded } from '@messagecore/protocol/features';
import type { CheckBody } from './extensions.ts';

/** Kinds that the tenant has defined, by name. */
export type TenantKinds = ReadonlyMap<string, CheckBody>;
const NO_KINDS: TenantKinds = new Map();

/** Whether it takes the tenant's own kinds to judge bodies of this kind. */
export const isTenantKind = (kind: string): boolean => kind.startsWith(TENANT_KIND_PREFIX);

/**
 * The canonical JSON of a body: checked, unknown fields dropped, keys in the schema's order. Two bodies are the same
 * if and only if their canonical texts are. Throws `unsupported_kind`, `too_large`, or `bad_request` naming every
 * wrong field.
 */
export function canonicalBody(kind: string, body: unknown, own: TenantKinds = NO_KINDS): string {
  // What would be dropped counts too: checking takes time and memory in proportion to it.
  if (jsonLength(body, LIMITS.bodyBytes) > LIMITS.bodyBytes) throw tooLarge();
  const text = JSON.stringify(isTenantKind(kind) ? checkOwn(kind, body, own) : check(kind, body));
  if (Buffer.byteLength(text) > LIMITS.bodyBytes) throw tooLarge();
  return text;
}

const tooLarge = () => new ChatError('too_large', `body: more than ${LIMITS.bodyBytes} bytes`);

function check(kind: string, body: unknown): object {
  if (!isKind(kind)) throw new ChatError('unsupported_kind', `unknown kind of message: ${kind}`);
  if (FILE_KINDS.has(kind))
    throw new ChatError('unsupported_kind', `no files are taken yet, so no message is of kind ${kind}`);
  const parsed = BODIES_IN_PLACE[kind].safeParse({ body });
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data.body;
}

function checkOwn(kind: string, body: unknown, own: TenantKinds): object {
  const checkBody = own.get(kind);
  if (checkBody === undefined) throw unknownKind(kind);
  // Nobody but the service says where a message comes from (FWD-1).
  const { forwarded: _, ...content } = checkBody(body) as Record<string, unknown>;
  return content;
}

export const unknownKind = (kind: string) => new ChatError('unsupported_kind', `the tenant has no kind ${kind}`);

/** Where a message that was forwarded comes from, by its body; undefined for any other. */
export function originOf(body: string): Forwarded | undefined {
  return Forwarded.safeParse((JSON.parse(body) as { readonly forwarded?: unknown }).forwarded).data;
}
