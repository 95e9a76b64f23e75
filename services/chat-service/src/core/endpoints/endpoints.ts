/**
 * Requests to tenants' own servers, signed with a secret that the tenant has (HOOK-2).
 *
 * Invariants: of one tenant and use so many are under way together, and so many wait; none waits for those of another use, and a
 * tenant's failures suspend nobody else's requests, though both name the same host; a request ends in the time that it is given, the wait included. No connection
 * of the database is held meanwhile.
 */
import { ChatError, STATUS } from '@messagecore/protocol';
import { type BulkheadOptions, type Clock, createBulkhead, systemClock } from '@messagecore/kernel';
import type { EndpointUse } from '@messagecore/protocol/features';
import { and, eq, sql as part } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAhead } from '../../platform/database/expressions.ts';
import { OutboundError, type OutboundReason } from '../../platform/outbound/outbound-error.ts';
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts';
import { within } from '../../platform/rate-limits/deadline.ts';
import type { Secrets } from '../identity/secrets.ts';
import { secretAt } from './endpoint-secrets.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';
import { tenantEndpoints } from './tables.ts';

export interface EndpointRequest {
  readonly tid: string;
  readonly use: EndpointUse;
  readonly body: object;
  /** Until its answer is there. */
  readonly timeoutMs: number;
  /** Of the answer. */
  readonly maxBytes: number;
}

/**
 * Undefined where the tenant has no such endpoint. It is sent once. Throws OutboundError; an answer of any status is an answer.
 */
export type PostSigned = (request: EndpointRequest) => Promise<OutboundAnswer | undefined>;

/** Requests in a process. */
const PLACES: Readonly<Record<EndpointUse, Omit<BulkheadOptions, 'refusal'>>> = {
  // Nobody's own request waits for them.
  cards: { atOnce: 1_024, atOnceOfOneKey: 8, ofOneKey: 40 },
  // A member's request waits for each, in one of the places that all tenants share: there are few, none waits for its turn, and tenants
  // whose servers do not answer leave room for others.
  translations: { atOnce: 16, atOnceOfOneKey: 8, ofOneKey: 8, ofAll: 16, shareOfFree: 1 },
};
/** Requests that are under way in a process, all together. */
export const ENDPOINTS_AT_ONCE = Object.values(PLACES).reduce((sum, { atOnce }) => sum + atOnce, 0);
const SECOND_MS = 1_000;

export interface PostSignedDeps {
  readonly sql: Sql;
  readonly secrets: Pick<Secrets, 'open'>;
  readonly outbound: Pick<Outbound, 'fetch'>;
  /** Told of what came of each request: `answered`, `status` of an answer that is no success, or the reason of the OutboundError. */
  readonly onOutcome?: (use: EndpointUse, outcome: EndpointOutcome) => void;
  readonly clock?: Clock;
}

export type EndpointOutcome = 'answered' | 'status' | OutboundReason;

export function createPostSigned(deps: PostSignedDeps): PostSigned {
  const { sql, secrets, outbound, onOutcome = () => {}, clock = systemClock } = deps;
  const refusal = () => new OutboundError('busy', 'too many requests to this endpoint are under way');
  const inTurn = {
    cards: createBulkhead({ ...PLACES.cards, refusal }),
    translations: createBulkhead({ ...PLACES.translations, refusal }),
  };

  return async ({ tid, use, body, timeoutMs, maxBytes }) => {
    const until = clock.monotonic() + timeoutMs;
    const endpoint = await readEndpoint(sql, tid, use);
    if (endpoint === undefined) return undefined;
    const text = JSON.stringify(body);
    const place = secretAt(tid, use);
    const keys = [endpoint.secret, endpoint.previous].flatMap((sealed) =>
      sealed ? [secrets.open(sealed, place)] : [],
    );
    const answer = inTurn[use](tid, async () => {
      const left = Math.floor(until - clock.monotonic());
      if (left <= 0) throw new OutboundError('timeout', `no turn within ${timeoutMs} ms`);
      const signature = signatureOf(keys, Math.floor(clock.now() / SECOND_MS), text);
      return outbound.fetch({
        ...{ url: endpoint.url, method: 'POST', body: text, timeoutMs: left, maxBytes, party: `${tid} ${use}` },
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'MessageCore',
          [SIGNATURE_HEADER]: signature,
        },
      });
    });
    try {
      const { status, ...rest } = await within(Math.max(1, until - clock.monotonic()), answer, clock);
      onOutcome(use, status === STATUS.ok || status === STATUS.noContent ? 'answered' : 'status');
      return { status, ...rest };
    } catch (error) {
      const failure = error instanceof ChatError ? new OutboundError('timeout', error.message) : error;
      if (failure instanceof OutboundError) onOutcome(use, failure.reason);
      throw failure;
    }
  };
}

async function readEndpoint(sql: Sql, tid: string, use: EndpointUse) {
  const { url, secretSealed, previousSecretSealed, previousSecretUntil } = tenantEndpoints;
  const [endpoint] = await db(sql)
    .select({
      url,
      secret: secretSealed,
      previous: part<string | null>`case when ${isAhead(previousSecretUntil)} then ${previousSecretSealed} end`,
    })
    .from(tenantEndpoints)
    .where(and(eq(tenantEndpoints.tenantId, tid), eq(tenantEndpoints.use, use)));
  return endpoint;
}
