/**
 * From tokens to callers. The token says who; PostgreSQL says whether tenant, user and device are still welcome, on every
 * question anew, so that suspension and revocation hold at once. A batch costs one statement, and two more at the most
 * where tenants have signed tokens themselves.
 */
import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';
import type { UserCaller } from './caller.ts';
import type { Claims, Tokens } from './tokens.ts';

export interface Identity extends UserCaller {
  readonly expiresAt: number;
}

export type Identify = (jwts: readonly string[]) => Promise<readonly (Identity | ChatError)[]>;

/** How tenant, user and device stand now. */
export interface Standing {
  readonly tenant: 'active' | 'suspended' | 'deleted' | null;
  readonly user: 'active' | 'deactivated' | 'deleted' | null;
  readonly revokedAt: number | null;
}

/** Answers each token with its identity or with the refusal: `unauthorized`, `tenant_suspended` or `forbidden`. */
export function createIdentify(sql: Sql, tokens: Tokens): Identify {
  return async (jwts) => {
    const claims = await Promise.all(jwts.map((jwt) => tokens.verify(jwt).catch(asRefusal)));
    const valid = claims.filter((claim): claim is Claims => !(claim instanceof ChatError));
    const standings = valid.length === 0 ? [] : await readStandings(sql, valid);
    let next = 0;
    return claims.map((claim) => (claim instanceof ChatError ? claim : judge(claim, standings[next++])));
  };
}

/**
 * The same for tokens that come one by one; `standingOf` may join those that come together. Each is verified before that,
 * so that one whose key has to be fetched keeps only itself waiting.
 */
export function createIdentifyOne(
  tokens: Tokens,
  standingOf: (claims: Claims) => Promise<Standing>,
): (jwt: string) => Promise<Identity | ChatError> {
  return async (jwt) => {
    const claims = await tokens.verify(jwt).catch(asRefusal);
    return claims instanceof ChatError ? claims : judge(claims, await standingOf(claims));
  };
}

function asRefusal(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  throw error;
}

/** In the order asked. */
export function readStandings(sql: Sql, claims: readonly Claims[]): Promise<readonly Standing[]> {
  return sql<Standing[]>`
    select t.status as tenant, u.status as "user", (extract(epoch from d.revoked_at) * 1000)::float8 as "revokedAt"
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

function judge(claims: Claims, standing: Standing | undefined): Identity | ChatError {
  const { tenant = null, user = null, revokedAt = null } = standing ?? {};
  if (tenant === null || tenant === 'deleted' || user === null || user === 'deleted') {
    return new ChatError('unauthorized');
  }
  if (tenant === 'suspended') return new ChatError('tenant_suspended');
  if (user === 'deactivated') return new ChatError('forbidden', 'the user is deactivated');
  const issuedAt = claims.iatMs ?? (claims.iat ?? 0) * 1000;
  if (revokedAt !== null && issuedAt <= revokedAt) return new ChatError('unauthorized');
  return {
    type: 'user',
    tid: claims.tid,
    uid: claims.sub,
    clientId: claims.dev,
    roles: claims.roles ?? [],
    expiresAt: Math.round(claims.exp * 1000),
  };
}
