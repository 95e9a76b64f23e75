/** The two halves of a sign-in by OpenID Connect, between which the browser is at the provider. */
import { createHash, randomBytes } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import type { FinishOidc, OidcStarted, SignedIn, StartOidc } from '@messagecore/protocol/features';
import { and, eq, gt, lt } from '../../platform/database/drizzle.ts';
import type { Secrets } from '../../core/identity/secrets.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, now } from '../../platform/database/expressions.ts';
import { findProvider } from './find-provider.ts';
import { letsIn } from './lets-in.ts';
import { type LinkDeps, linkIdentity } from './link-identity.ts';
import type { Oidc, OidcProvider } from './oidc.ts';
import type { SsoPorts } from './ports.ts';
import { claimAt, type Claims, roleOf, textOf } from './rules.ts';
import { oidcFlows } from './tables.ts';

export interface OidcSignInDeps extends SsoPorts, LinkDeps {
  readonly secrets: Secrets;
  readonly oidc: Oidc;
}

/** How long the browser may be away. */
const AWAY_MS = 10 * 60_000;
const FLOW_BYTES = 32;

/** Throws `not_found`, `bad_request` for a `redirectUri` that the provider's settings do not name, `unavailable`. */
export async function startOidc(
  { sql, secrets, oidc }: OidcSignInDeps,
  { tenant, providerId, redirectUri }: StartOidc,
): Promise<OidcStarted> {
  const provider = await findProvider({ sql, secrets }, tenant, providerId, 'oidc');
  if (!provider.settings.redirectUris.includes(redirectUri)) {
    throw new ChatError('bad_request', 'redirectUri: the settings of the identity provider do not name it');
  }
  const { url, ...checks } = await oidc.begin(provider, redirectUri);
  const flow = randomBytes(FLOW_BYTES).toString('base64url');
  await db(sql)
    .insert(oidcFlows)
    .values({
      flowHash: hashOf(flow),
      tenantId: provider.tid,
      providerId,
      redirectUri,
      expiresAt: fromNow(AWAY_MS),
      ...checks,
    });
  return { url, flow };
}

/**
 * Each start has one end, good or bad. Throws `unauthorized` when it is over, or the provider refused, or what it said does not
 * fit; `forbidden` for somebody who may not be a user; `unavailable`.
 */
export async function finishOidc(
  deps: OidcSignInDeps,
  { flow, query, clientId }: FinishOidc,
  address: string,
): Promise<SignedIn> {
  const { sql } = deps;
  const isOpen = and(eq(oidcFlows.flowHash, hashOf(flow)), gt(oidcFlows.expiresAt, now()));
  const [begun] = await db(sql).delete(oidcFlows).where(isOpen).returning();
  if (begun === undefined) throw new ChatError('unauthorized', 'this sign-in is over: begin again');
  const { tenantId: tid, providerId, redirectUri, state, nonce, codeVerifier } = begun;
  const provider = await findProvider(deps, tid, providerId, 'oidc');
  const back = new URL(redirectUri);
  back.search = query;
  const claims = await deps.oidc.finish(provider, back, { state, nonce, codeVerifier });
  const uid = await linkIdentity(deps, provider, personOf(provider, claims), address);
  return deps.signIn({ tid, uid, clientId, address, providerId }, letsIn(provider, uid));
}

function personOf({ settings }: OidcProvider, claims: Claims & { readonly sub: string }) {
  const email = textOf(claims['email']);
  return {
    subject: claims.sub,
    displayName: textOf(claimAt(claims, settings.displayNameClaim)) ?? textOf(claims['preferred_username']),
    verifiedEmail: claims['email_verified'] === true ? email?.toLowerCase() : undefined,
    role: roleOf(settings.roles, claims),
  };
}

/** Those from which nobody came back. */
export async function forgetFlows(sql: Parameters<typeof db>[0]): Promise<void> {
  await db(sql).delete(oidcFlows).where(lt(oidcFlows.expiresAt, now()));
}

const hashOf = (flow: string) => createHash('sha256').update(flow).digest('hex');
