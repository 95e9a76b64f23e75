import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ChatError, ERRORS, HEADERS, LIMITS, PROBLEM_JSON, problemOf, unreadProblem } from '@messagecore/protocol';
import { hangUp, type Logger, type OpsRoutes, type UnsentAnswers } from '@messagecore/runtime';

const KEEP_ALIVE_MS = 5_000;

export interface HttpOptions {
  readonly ops: OpsRoutes;
  /** Serves `/sse`. */
  readonly sse: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;
  readonly log: Logger;
  /** A peer that is slower to say what it wants is cut off: it costs memory and has no user. */
  readonly requestHeadMs: number;
  /** Answers that wait for their peers to read. */
  readonly unsent: UnsentAnswers;
}

/** The gateway's HTTP server: operators' paths and the event stream. Upgrades are handled elsewhere. */
export function createHttp({ ops, sse, log, requestHeadMs, unsent }: HttpOptions): Server {
  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (url === undefined) throw new ChatError('not_found');
    // Whatever ends must be read, a stream that has said its last too.
    response.once('prefinish', () => unsent.add(response, 0, []));
    const allowed = SSE_PATHS.includes(url.pathname) ? STREAM_METHODS : READ_METHODS;
    if (!allowed.includes(request.method ?? '')) return forbidMethod(response, request.method ?? '', allowed);
    if (SSE_PATHS.includes(url.pathname)) return sse(request, response, url);
    const answer = await ops(url.pathname);
    if (answer === undefined) throw new ChatError('not_found');
    const bytes = Buffer.byteLength(answer.body);
    if (!unsent.hasRoom(bytes, [])) throw new ChatError('rate_limited', 'too many answers wait to be read');
    unsent.add(response, bytes, []);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer(
    {
      headersTimeout: requestHeadMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: LIMITS.requestHeadBytes,
      connectionsCheckingInterval: requestHeadMs / 2,
    },
    (request, response) => {
      route(request, response).catch((error: unknown) => {
        if (!(error instanceof ChatError)) log.error({ err: error }, 'request failed');
        refuse(response, error instanceof ChatError ? error : new ChatError('internal'));
      });
    },
  );
  return server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    if (socket.writable) hangUp(socket, unreadProblem(code));
    // What comes after the answer is a fault too, once more: that peer is about to be cut off.
    else if (!socket.writableEnded) socket.destroy();
  });
}

const SSE_PATHS: readonly string[] = ['/sse', '/sse/'];
const STREAM_METHODS: readonly string[] = ['GET', 'OPTIONS'];
const READ_METHODS: readonly string[] = ['GET', 'HEAD'];

/** What is asked for; undefined when it is no address at all, as `//` is none. */
export function urlOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.parse(url, 'http://gateway') ?? undefined;
}

function forbidMethod(response: ServerResponse, method: string, allowed: readonly string[]): void {
  response.setHeader('allow', allowed.join(', '));
  refuse(response, new ChatError('method_not_allowed', `${method} is not allowed here`));
}

/** Answers with a problem document, unless the answer has begun already. */
function refuse(response: ServerResponse, error: ChatError): void {
  if (response.headersSent) return void response.end();
  if (error.retryAfterMs !== undefined) response.setHeader(HEADERS.retryAfter, Math.ceil(error.retryAfterMs / 1_000));
  response.writeHead(ERRORS[error.code].http, { 'content-type': PROBLEM_JSON, ...CORS });
  response.end(JSON.stringify(problemOf(error)));
}

/** Any origin may read what a token allows that its page had; what a cookie allows, only those named (sse.ts). */
export const CORS = { 'access-control-allow-origin': '*' } as const;
