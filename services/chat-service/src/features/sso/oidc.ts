/**
 * OpenID Connect as a relying party: discovery, the code flow with PKCE, state and nonce, and the check of what comes back
 * (OpenID Connect Core 1.0, RFC 9700). ID tokens are checked by signature too, though they come from the provider itself.
 */
import { ChatError, ERRORS } from '@messagecore/protocol';
import type { Keeper, OidcSettings } from '@messagecore/protocol/features';
import { LRUCache } from 'lru-cache';
import * as oidc from 'openid-client';
import type { Outbound, OutboundRequest } from '../../platform/outbound/outbound.ts';
import { OutboundError } from '../../platform/outbound/outbound-error.ts';
import type { UsableProvider } from './find-provider.ts';
import type { Claims } from './rules.ts';

/** Providers whose metadata is remembered, and for how long. */
const REMEMBERED = { max: 1_000, ttl: 10 * 60_000 };
const MAX_BYTES = 512 * 1024;
/** Of each thing that a provider is asked, however often it has to be asked. */
const TIMEOUT_S = 10;

export type OidcProvider = UsableProvider<OidcSettings>;

/** What is kept between the two halves of a sign-in. */
export interface OidcChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface OidcBegun extends OidcChecks {
  /** Where the browser goes. */
  readonly url: string;
}

export interface Oidc {
  /** Throws `unavailable` when the provider cannot be reached. */
  begin(provider: OidcProvider, redirectUri: string): Promise<OidcBegun>;
  /**
   * What the provider says of the person: the claims of the ID token, and of its user info. `back` is the address to which it
   * sent the browser. Throws `unauthorized` when it refused or anything does not fit, `unavailable`.
   */
  finish(provider: OidcProvider, back: URL, checks: OidcChecks): Promise<Claims & { readonly sub: string }>;
}

/** `outbounds` are the ways to providers by who keeps them. */
export function createOidc(outbounds: Readonly<Record<Keeper, Pick<Outbound, 'fetch'>>>): Oidc {
  /** By issuer, and by the way to it: what one may reach the other may not. */
  const metadata = new LRUCache<string, Promise<Response>>(REMEMBERED);

  const askForMetadata =
    (key: string, ask: oidc.CustomFetch): oidc.CustomFetch =>
    async (...request) => {
      const present = metadata.get(key);
      const answer = present ?? ask(...request);
      if (present === undefined) metadata.set(key, answer);
      return (await answer).clone();
    };

  /**
   * Of one request: the library remembers keys with it, and a provider may have changed them a moment ago, while a code whose ID
   * token could not be checked is spent.
   */
  async function configure({ settings, secret, keptBy }: OidcProvider): Promise<oidc.Configuration> {
    const { issuer, clientId } = settings;
    const ask = fetchBy(outbounds[keptBy]);
    const key = JSON.stringify([keptBy, issuer]);
    try {
      const config = await oidc.discovery(new URL(issuer), clientId, undefined, clientAuthOf(secret), {
        [oidc.customFetch]: askForMetadata(key, ask),
        execute: issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
        timeout: TIMEOUT_S,
      });
      config[oidc.customFetch] = ask;
      oidc.enableNonRepudiationChecks(config);
      return config;
    } catch (error) {
      metadata.delete(key);
      throw error;
    }
  }

  return {
    begin: (provider, redirectUri) =>
      orChatError(async () => {
        const config = await configure(provider);
        const checks = {
          state: oidc.randomState(),
          nonce: oidc.randomNonce(),
          codeVerifier: oidc.randomPKCECodeVerifier(),
        };
        const url = oidc.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: [...new Set(['openid', ...provider.settings.scopes])].join(' '),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(checks.codeVerifier),
          code_challenge_method: 'S256',
        });
        return { ...checks, url: url.href };
      }),

    finish: (provider, back, { state, nonce, codeVerifier }) =>
      orChatError(async () => {
        const config = await configure(provider);
        const tokens = await oidc.authorizationCodeGrant(config, back, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new ChatError('unauthorized', 'the identity provider gave no ID token');
        if (config.serverMetadata().userinfo_endpoint === undefined) return claims;
        const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
        return { ...info, ...claims };
      }),
  };
}

/** As the provider wants the secret; in the header, which every one has to take, when it does not say. */
function clientAuthOf(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

function fetchBy(outbound: Pick<Outbound, 'fetch'>): oidc.CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const {
      status,
      headers: given,
      body: content,
    } = await outbound.fetch({
      url,
      method: method as NonNullable<OutboundRequest['method']>,
      headers: Object.fromEntries(new Headers(headers)),
      ...(body instanceof URLSearchParams && { body: body.toString() }),
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_S * 1_000,
      ...(signal && { signal }),
    });
    // About itself, and not about who signs in.
    if (status >= ERRORS.internal.http || status === ERRORS.rate_limited.http)
      throw new OutboundError('unreachable', `it answered ${status}`);
    const answered = Object.entries(given).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    );
    const empty = content.length === 0;
    return new Response(empty ? null : new Uint8Array(content), { status, headers: answered });
  };
}

async function orChatError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  // The library wraps what its fetch throws.
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof OutboundError) return new ChatError('unavailable', `the identity provider: ${cause.message}`);
  }
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return new ChatError('unauthorized', `the identity provider refused: ${error.error}`);
  }
  return new ChatError('unauthorized', 'what the identity provider answered does not fit', { cause: error });
}
