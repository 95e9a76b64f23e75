/**
 * Authenticates the caller before anything else of a request is read. Every route says in its configuration who may
 * call it. Adding a route that does not say so throws, so that none is open by mistake.
 */
import { ChatError, HEADERS, LIMITS } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import type { FastifyRequest } from 'fastify';
import {
  API_KEY_MARK,
  type Actor,
  type AuthenticateKey,
  type BackEndCaller,
  type Caller,
  type TenantCaller,
} from './caller.ts';
import type { Identity } from './identify.ts';
import { sameSecret } from './same-secret.ts';
import type { Access } from '../../platform/http/access.ts';
import type { Guesses } from '../../platform/rate-limits/guesses.ts';
import type { App } from '../../platform/http/app-type.ts';
import type { Oneself, OperationCaller } from '../../platform/operations/types.ts';
import { headerText } from '../../platform/http/text.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export interface AuthDeps {
  readonly adminKey: string;
  /** Identifies one token; rejects with the refusal. */
  readonly identify: (jwt: string) => Promise<Identity>;
  readonly authenticateKey: AuthenticateKey;
  /** Refuses what changes anything, to everybody but the operator; undefined where nothing is to be refused. */
  readonly maintenance: () => ChatError | undefined;
  /** Wrong keys of the operator, by address. */
  readonly guesses: Guesses;
}

/** The methods of requests that change nothing. */
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who needs no scope: no API key is taken. */
const TAKES_NO_KEY: ReadonlySet<Access> = new Set(['anyone', 'operator', 'self']);

export function addAuth(app: App, deps: AuthDeps): void {
  app.decorateRequest('caller', null);

  app.addHook('onRoute', ({ url, config: { access, scope } = {} }) => {
    if (access === undefined) throw new Error(`route ${url} does not say who may call it`);
    if (!TAKES_NO_KEY.has(access) && scope === undefined) {
      throw new Error(`route ${url} does not say which scope a key needs`);
    }
  });

  app.addHook('onRequest', async (request) => {
    const { access = 'anyone' } = request.routeOptions.config;
    if (access === 'operator') {
      request.caller = await operator(request, deps);
      return;
    }
    const refusal = READS.has(request.method) ? undefined : deps.maintenance();
    if (refusal !== undefined) throw refusal;
    if (access !== 'anyone') request.caller = await tenantCaller(request, access, deps);
  });
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A wrong key is logged, without the key, and counts against the address. An address with too many wrong keys is
 * refused without comparing the key.
 */
async function operator(request: FastifyRequest, { adminKey, guesses }: AuthDeps): Promise<Caller> {
  const given = header(request, HEADERS.adminKey);
  if (given === undefined) throw new ChatError('unauthorized', `${HEADERS.adminKey} is missing or wrong`);
  const address = networkOf(request.ip);
  const retryAfterMs = guesses.waitMs(address);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many wrong keys', { retryAfterMs });
  if (sameSecret(given, adminKey)) return { type: 'operator' };
  guesses.wrong(address);
  request.log.warn({ address: request.ip, method: request.method, route: request.routeOptions.url }, 'wrong admin key');
  throw new ChatError('unauthorized', `${HEADERS.adminKey} is missing or wrong`);
}

const BEARER = /^bearer +([\w.~+/=-]+)$/i;

async function tenantCaller(request: FastifyRequest, access: Access, deps: AuthDeps): Promise<TenantCaller> {
  const authorization = header(request, 'authorization');
  if (authorization !== undefined && access !== 'backend') {
    const jwt = BEARER.exec(authorization)?.[1];
    if (jwt !== undefined && jwt.length > LIMITS.tokenBytes)
      throw new ChatError('unauthorized', 'the token is too long');
    if (jwt === undefined) throw new ChatError('unauthorized', 'authorization: not a bearer token');
    return deps.identify(jwt);
  }
  if (access === 'self') throw new ChatError('unauthorized', 'a bearer token is missing');
  const key = header(request, HEADERS.apiKey) ?? keyInBearer(authorization);
  if (key === undefined) throw new ChatError('unauthorized', 'a bearer token or an API key is missing');
  const caller = await deps.authenticateKey(key, namedUser(request));
  checkScope(caller, request);
  if (access === 'user' && caller.uid === undefined) {
    const errors = [{ path: HEADERS.onBehalfOf, message: 'names the user for whom the back end acts' }];
    throw new ChatError('bad_request', `${HEADERS.onBehalfOf} is missing`, { errors });
  }
  return caller;
}

/** Directories that provision users show an API key as a bearer token. */
function keyInBearer(authorization: string | undefined): string | undefined {
  const token = BEARER.exec(authorization ?? '')?.[1];
  return token?.startsWith(API_KEY_MARK) === true ? token : undefined;
}

/** The user for whom a back end acts. An external id may have any characters, as UTF-8 or percent-encoded. */
function namedUser(request: FastifyRequest): string | undefined {
  const value = header(request, HEADERS.onBehalfOf);
  if (value === undefined) return undefined;
  const text = headerText(value);
  if (text !== undefined) return text;
  const errors = [{ path: HEADERS.onBehalfOf, message: 'is neither UTF-8 nor percent-encoded UTF-8' }];
  throw new ChatError('bad_request', `${HEADERS.onBehalfOf}: is neither UTF-8 nor percent-encoded UTF-8`, { errors });
}

function checkScope({ scopes }: BackEndCaller, { routeOptions: { config } }: FastifyRequest): void {
  const { scope } = config;
  if (scope === undefined || !scopes.includes(scope))
    throw new ChatError('forbidden', `the API key lacks the scope ${scope}`);
}

/** The caller of a tenant's route: whose tenant, who acts, if anybody does, and how the audit log names them. */
export function callerOf({ caller, ip: address }: FastifyRequest): OperationCaller {
  if (caller === null || caller.type === 'operator') throw new Error('the route is not for tenants');
  const { tid, uid } = caller;
  if (caller.type === 'user') {
    const token = { device: caller.clientId, generation: caller.generation };
    return { tid, uid, token, actor: `user:${uid}`, address, administers: true };
  }
  return { tid, uid, actor: `backend:${caller.keyId}`, address, administers: caller.scopes.includes('admin') };
}

/** The user who acts on a `user` route. */
export function actorOf(request: FastifyRequest): Actor {
  const { tid, uid, token } = callerOf(request);
  if (uid === undefined) throw new Error('the route is not for users');
  return { tid, uid, token };
}

/** The user of a `self` route, the device that their token was made for, and where they are. */
export function selfOf(request: FastifyRequest): Oneself {
  const { caller, ip: address } = request;
  if (caller?.type !== 'user') throw new Error('the route is not for users alone');
  const { tid, uid, clientId } = caller;
  return { tid, uid, clientId, actor: `user:${uid}`, address, administers: true };
}

/** Where the caller of a route is that is for anyone. */
export function visitorOf({ ip: address }: FastifyRequest): { readonly address: string } {
  return { address };
}

/** The operator, for the audit log: whoever has the key, and where they are. */
export function operatorOf({ caller, ip }: FastifyRequest): { readonly actor: 'operator'; readonly address: string } {
  if (caller?.type !== 'operator') throw new Error('the route is not for the operator');
  return { actor: 'operator', address: ip };
}
