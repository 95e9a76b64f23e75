/**
 * HTTP to the outside: key sets, webhooks, previews. URLs may come from attackers.
 *
 * Invariants: the address is checked when the connection is made, so a name that changes its address between check and
 * use gains nothing; redirects are not followed; an answer is read up to `maxBytes`; a request ends within its
 * time-out; requests to one host have a bound of their own, so a slow host takes no other host's place. A host that
 * fails again and again is left alone for a while. Requests that may be repeated are tried three times.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  retry,
  wrap,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { Agent, request } from 'undici';
import { type AddressGuard, createAddressGuard, type Resolve } from './address.ts';
import { OutboundError } from './outbound-error.ts';

export interface OutboundOptions {
  /** Networks that may be reached although they are not public, as `10.1.0.0/16`. */
  readonly exemptNetworks?: readonly string[];
  /** Whether `http:` is allowed beside `https:`. */
  readonly plainHttp?: boolean;
  /** Certificates of authorities beside the system's, in PEM. */
  readonly ca?: string;
  /** Connections to one host, whoever asks; as many as one party has requests under way when left out. */
  readonly connections?: number;
  readonly resolve?: Resolve;
}

export interface OutboundRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From the start to the last byte of the answer, for each attempt. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Whether an answer of more bytes is cut there; it fails when left out. */
  readonly cut?: boolean;
  /** Ends all attempts together: a time-out. */
  readonly signal?: AbortSignal;
  /** Who named the host, where several may name one: each has a bound and failures of their own there. */
  readonly party?: string;
  /** Whether it may be sent again after a failure. True for GET. */
  readonly repeatable?: boolean;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Outbound {
  /** @throws OutboundError; an answer of any status is an answer. */
  fetch(request: OutboundRequest): Promise<OutboundAnswer>;
  /** At once: requests under way fail. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const HOSTS = 1_000;
/** Requests to one host at the same time, and those that wait for their turn. */
const AT_ONCE = { underWay: 8, waiting: 32 };
const ATTEMPTS = { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 2_000 }) };
const SUSPENSION = { halfOpenAfter: 10_000, failures: 5 };

export function createOutbound(options: OutboundOptions = {}): Outbound {
  const guard = createAddressGuard(options.exemptNetworks, options.resolve);
  const agent = createAgent(guard, options);
  const hosts = new LRUCache<string, HostPolicy>({ max: HOSTS });

  function policyOf(host: string, party: string): HostPolicy {
    const key = `${host} ${party}`;
    const known = hosts.get(key);
    if (known !== undefined) return known;
    const policy = createHostPolicy();
    hosts.set(key, policy);
    return policy;
  }

  return {
    async fetch(wanted) {
      const url = parseUrl(wanted.url, options.plainHttp ?? false);
      const { once, repeated } = policyOf(url.host, wanted.party ?? '');
      const { method = 'GET', repeatable = method === 'GET' } = wanted;
      try {
        return await (repeatable ? repeated : once).execute(() => send(agent, url, wanted), wanted.signal);
      } catch (error) {
        if (wanted.signal?.aborted === true) throw new OutboundError('timeout', 'no answer in time', { cause: error });
        throw asOutboundError(error, url.host);
      }
    },
    close: () => agent.destroy(),
  };
}

function parseUrl(text: string, plainHttp: boolean): URL {
  const url = URL.parse(text);
  if (url === null) throw new OutboundError('url', 'not a URL');
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) {
    throw new OutboundError('url', `scheme ${url.protocol} is not allowed`);
  }
  if (url.username !== '' || url.password !== '') throw new OutboundError('url', 'a URL must not carry credentials');
  return url;
}

/** The connection is made here, so that the address checked is the address used, also when the URL holds an address. */
function createAgent(guard: AddressGuard, { ca, connections = AT_ONCE.underWay }: OutboundOptions): Agent {
  return new Agent({
    connect: ({ hostname, protocol, port, servername }, callback) => {
      const host = hostname.replace(/^\[|\]$/g, '');
      const secure = protocol === 'https:';
      const to = { host, port: Number(port) || (secure ? 443 : 80), lookup: guard.lookup };
      const tls = { ...to, servername: servername ?? '', ALPNProtocols: ['http/1.1'], ...(ca !== undefined && { ca }) };
      if (/^[\d.]+$|:/.test(host) && !guard.allows(host)) {
        callback(new OutboundError('address', `${host} is not a public address`), null);
        return;
      }
      const socket = secure ? connectTls(tls) : connectTcp(to);
      const fail = (error: Error) => callback(error, null);
      socket.once('error', fail);
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        socket.off('error', fail);
        socket.setNoDelay(true);
        callback(null, socket);
      });
    },
    connections,
    maxOrigins: HOSTS,
  });
}

interface HostPolicy {
  readonly once: IPolicy;
  readonly repeated: IPolicy;
}

/** Failures that may pass by themselves. Others are the caller's mistake and say nothing about the host's health. */
const isTransient = handleWhen(
  (error) => !(error instanceof OutboundError) || error.reason === 'timeout' || error.reason === 'unreachable',
);

function createHostPolicy(): HostPolicy {
  const once = wrap(
    circuitBreaker(isTransient, {
      halfOpenAfter: SUSPENSION.halfOpenAfter,
      breaker: new ConsecutiveBreaker(SUSPENSION.failures),
    }),
    bulkhead(AT_ONCE.underWay, AT_ONCE.waiting),
  );
  return { once, repeated: wrap(retry(isTransient, ATTEMPTS), once) };
}

async function send(agent: Agent, url: URL, wanted: OutboundRequest): Promise<OutboundAnswer> {
  const { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, cut = false } = wanted;
  const timeUp = AbortSignal.timeout(timeoutMs);
  const signal = wanted.signal === undefined ? timeUp : AbortSignal.any([timeUp, wanted.signal]);
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      headers: { ...headers },
      signal,
      ...(body !== undefined && { body }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      chunks.push(chunk);
      // Leaving the loop destroys the stream, and the connection with it.
      if (bytes > maxBytes && cut) break;
      if (bytes > maxBytes) throw new OutboundError('too_large', `the answer has more than ${maxBytes} bytes`);
    }
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).subarray(0, maxBytes) };
  } catch (error) {
    if (signal.aborted) throw new OutboundError('timeout', `no answer within ${timeoutMs} ms`, { cause: error });
    throw error;
  }
}

function asOutboundError(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error;
  if (error instanceof BulkheadRejectedError) {
    return new OutboundError('busy', `too many requests to ${host} are under way`, { cause: error });
  }
  if (error instanceof BrokenCircuitError) {
    return new OutboundError('suspended', `${host} failed too often and is left alone for a while`, { cause: error });
  }
  return new OutboundError('unreachable', `${host} cannot be reached`, { cause: error });
}
