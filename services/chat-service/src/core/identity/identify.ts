/**
 * Turns tokens into callers. The token says who it is; PostgreSQL is asked each time whether tenant, user and device
 * are still active, so that suspension and revocation take effect at once. A batch costs one statement, and two more at
 * the most where tenants have signed tokens themselves.
 */
import { ChatError } from '@messagecore/protocol';
import type { RpcToken } from '@messagecore/protocol/bus';
import type { Sql } from '../../platform/database/connect.ts';
import type { Actor, UserCaller } from './caller.ts';
import { generationOf, isInForce, type TokenStatus } from './revocation.ts';
import type { Claims, Tokens } from './tokens.ts';

export interface Identity extends UserCaller {
  readonly expiresAt: number;
}

export type Identify = (jwts: readonly string[]) => Promise<readonly (Identity | ChatError)[]>;

/** Answers each token with its identity or with the refusal: `unauthorized`, `tenant_suspended` or `forbidden`. */
export function createIdentify(sql: Sql, tokens: Tokens): Identify {
  return async (jwts) => {
    const claims = await Promise.all(jwts.map((jwt) => tokens.verify(jwt).catch(asRefusal)));
    const valid = claims.filter((claim): claim is Claims => !(claim instanceof ChatError));
    const statuses = valid.length === 0 ? [] : await readTokenStatuses(sql, valid);
    let next = 0;
    return claims.map((claim) => (claim instanceof ChatError ? claim : identityOf(claim, statuses[next++])));
  };
}

/**
 * The same for single tokens; `statusOf` may read the status of several together. Each token is verified before that,
 * so that a token whose key has to be fetched delays no other.
 */
export function createIdentifyOne(
  tokens: Tokens,
  statusOf: (claims: Claims) => Promise<TokenStatus>,
): (jwt: string) => Promise<Identity | ChatError> {
  return async (jwt) => {
    const claims = await tokens.verify(jwt).catch(asRefusal);
    return claims instanceof ChatError ? claims : identityOf(claims, await statusOf(claims));
  };
}

/** Whether a token that was verified before is in force; throws as the refusal of a request by it. */
export async function checkToken(
  statusOf: (asked: AskedStatus) => Promise<TokenStatus | ChatError>,
  { tid, uid }: Actor,
  { device, generation }: RpcToken,
): Promise<void> {
  const status = await statusOf({ tid, sub: uid, dev: device });
  if (status instanceof ChatError) throw status;
  const refusal =
    refusalOf(status) ?? (generation === generationOf(status) ? undefined : new ChatError('unauthorized'));
  if (refusal !== undefined) throw refusal;
}

function asRefusal(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  throw error;
}

/** Whose, and of which device. */
export type AskedStatus = Pick<Claims, 'tid' | 'sub' | 'dev'>;

/** In the order asked. Raw SQL: asked with every request, for many at once; tenants and users are above. */
export function readTokenStatuses(sql: Sql, claims: readonly AskedStatus[]): Promise<readonly TokenStatus[]> {
  return sql<TokenStatus[]>`
    select t.status as tenant, u.status as "user", coalesce(u.generation, 0) as generation,
      coalesce(u.tokens_generation, 0) as "tokensGeneration",
      (extract(epoch from u.tokens_revoked_at) * 1000)::float8 as "tokensRevokedAt",
      d.generation as "deviceGeneration", (extract(epoch from d.revoked_at) * 1000)::float8 as "deviceRevokedAt",
      d.revoked_at is not distinct from d.numbered_at as "deviceNumbered",
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now
    from unnest(
      ${claims.map(({ tid }) => tid)}::uuid[],
      ${claims.map(({ sub }) => sub)}::uuid[],
      ${claims.map(({ dev }) => dev ?? null)}::text[]
    ) with ordinality as asked(tid, uid, dev, place)
    left join tenants t on t.id = asked.tid
    left join users u on u.id = asked.uid and u.tenant_id = asked.tid
    left join devices d on d.user_id = asked.uid and d.client_id = asked.dev
    order by asked.place`;
}

/** Whatever token the user has. */
function refusalOf({ tenant, user }: TokenStatus): ChatError | undefined {
  if (tenant === null || tenant === 'deleted' || user === null || user === 'deleted')
    return new ChatError('unauthorized');
  if (tenant === 'suspended') return new ChatError('tenant_suspended');
  if (user === 'deactivated') return new ChatError('forbidden', 'the user is deactivated');
  return undefined;
}

function identityOf(claims: Claims, standing: TokenStatus | undefined): Identity | ChatError {
  if (standing === undefined) return new ChatError('unauthorized');
  const refusal = refusalOf(standing);
  if (refusal !== undefined) return refusal;
  if (!isInForce(claims, standing)) return new ChatError('unauthorized');
  return {
    type: 'user',
    tid: claims.tid,
    uid: claims.sub,
    clientId: claims.dev,
    generation: generationOf(standing),
    roles: claims.roles ?? [],
    expiresAt: Math.round(claims.exp * 1000),
  };
}
