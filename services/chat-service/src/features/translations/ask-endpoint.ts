import { createHash } from 'node:crypto';
import { ChatError, exceedsCodePoints, LIMITS, STATUS, storable } from '@messagecore/protocol';
import { LanguageTag } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import type { PostSigned } from '../../core/endpoints/endpoints.ts';
import { OutboundError } from '../../platform/outbound/outbound-error.ts';
import { TenantFault } from '../../platform/outbound/tenant-fault.ts';
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts';
import type { Asked, Said } from './asked.ts';

export type Translate = (asked: Asked) => Promise<Said>;

/** Twelve bytes for each character, as JSON may write a pair of surrogates, and what is around them. */
const ANSWER_BYTES = 12 * LIMITS.translationCodePoints + 1_024;

const Answer = z.object({
  text: storable()
    .min(1)
    .refine((text) => !exceedsCodePoints(text, LIMITS.translationCodePoints)),
  from: LanguageTag.nullish(),
});

function noAnswer(why: string, cause?: unknown): ChatError {
  const fault = new TenantFault(why, { cause });
  return new ChatError('unavailable', 'the endpoint for translations does not answer as it should', { cause: fault });
}

/**
 * Throws `conflict` where the tenant has no endpoint, `bad_request` for a language that it does not translate into (422), and
 * `unavailable`.
 */
export function translateBy(postSigned: PostSigned): Translate {
  return async ({ tid, to, body }) => {
    const { text, format = 'plain' } = JSON.parse(body) as { text: string; format?: string };
    const asked = { type: 'translation', tenantId: tid, text, format, to };
    const limits = { timeoutMs: LIMITS.translationMs, maxBytes: ANSWER_BYTES };
    const answer = await postSigned({ tid, use: 'translations', body: asked, ...limits }).catch((error: unknown) => {
      if (error instanceof OutboundError) throw noAnswer(error.reason, error);
      throw error;
    });
    if (answer === undefined) throw new ChatError('conflict', 'the tenant has no endpoint for translations');
    return saidBy(answer);
  };
}

function saidBy({ status, body }: OutboundAnswer): Said {
  if (status === STATUS.unprocessable) {
    const message = 'the endpoint does not translate into this language';
    throw new ChatError('bad_request', `to: ${message}`, { errors: [{ path: 'to', message }] });
  }
  const answer = status === STATUS.ok ? Answer.safeParse(parsed(body)).data : undefined;
  if (answer === undefined) throw noAnswer(`no translation, with status ${status}`);
  const [from = null] = answer.from ? Intl.getCanonicalLocales(answer.from) : [];
  return { text: answer.text, from };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Of those who want the same at the same time the first asks, for all of them; where it may not, the next one does. */
export function askOnce(ask: (asked: Asked, user: Actor) => Promise<Said>): typeof ask {
  const underWay = new Map<string, Promise<Said>>();
  const askOrShare: typeof ask = (asked, user) => {
    const { tid, cid, seq, to, body } = asked;
    const key = `${tid} ${cid} ${seq} ${to} ${createHash('sha256').update(body).digest('base64url')}`;
    const before = underWay.get(key);
    if (before !== undefined)
      return before.catch((error: unknown) => unlessOverRate(error, () => askOrShare(asked, user)));
    const said = ask(asked, user).finally(() => underWay.delete(key));
    underWay.set(key, said);
    return said;
  };
  return askOrShare;
}

function unlessOverRate(error: unknown, again: () => Promise<Said>): Promise<Said> {
  if (error instanceof ChatError && error.code === 'rate_limited') return again();
  throw error;
}
