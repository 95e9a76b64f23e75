import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ChatError, ERRORS, HEADERS, PROBLEM_JSON, problemOf, STATUS, unreadProblem } from '@messagecore/protocol';
import type { Logger, OpsRoutes } from '@messagecore/runtime';

/** A peer that is slow to say what it wants is cut off: these connections cost memory and have no user. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 5_000;
/** Room for the longest token in a URL. */
const MAX_HEADER_BYTES = 16 * 1024;

export interface HttpOptions {
  readonly ops: OpsRoutes;
  /** Serves `/sse`. */
  readonly sse: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;
  readonly log: Logger;
}

/** The gateway's HTTP server: operators' paths and the event stream. Upgrades are handled elsewhere. */
export function createHttp({ ops, sse, log }: HttpOptions): Server {
  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (url === undefined) throw new ChatError('not_found');
    const allowed = url.pathname === SSE_PATH ? STREAM_METHODS : READ_METHODS;
    if (!allowed.includes(request.method ?? '')) return forbidMethod(response, request.method ?? '', allowed);
    if (url.pathname === SSE_PATH) return sse(request, response, url);
    const answer = await ops(url.pathname);
    if (answer === undefined) throw new ChatError('not_found');
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2,
    },
    (request, response) => {
      route(request, response).catch((error: unknown) => {
        if (!(error instanceof ChatError)) log.error({ err: error }, 'request failed');
        refuse(response, error instanceof ChatError ? error : new ChatError('internal'));
      });
    },
  );
  return server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    if (socket.writable) socket.end(unreadProblem(code));
    else socket.destroy();
  });
}

const SSE_PATH = '/sse';
const STREAM_METHODS: readonly string[] = ['GET', 'OPTIONS'];
const READ_METHODS: readonly string[] = ['GET', 'HEAD'];

/** What is asked for; undefined when it is no address at all, as `//` is none. */
export function urlOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.parse(url, 'http://gateway') ?? undefined;
}

function forbidMethod(response: ServerResponse, method: string, allowed: readonly string[]): void {
  response.setHeader('allow', allowed.join(', '));
  refuse(response, new ChatError('bad_request', `${method} is not allowed here`), STATUS.methodNotAllowed);
}

/** Answers with a problem document, unless the answer has begun already. */
function refuse(response: ServerResponse, error: ChatError, status: number = ERRORS[error.code].http): void {
  if (response.headersSent) return void response.end();
  if (error.retryAfterMs !== undefined) response.setHeader(HEADERS.retryAfter, Math.ceil(error.retryAfterMs / 1_000));
  response.writeHead(status, { 'content-type': PROBLEM_JSON, ...CORS });
  response.end(JSON.stringify(problemOf(error, status)));
}

/** Tokens come in the URL, never in cookies: any origin may read what the token allows. */
export const CORS = { 'access-control-allow-origin': '*' } as const;
