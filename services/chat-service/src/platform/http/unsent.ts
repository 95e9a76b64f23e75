/**
 * Bounds the answers that wait for peers to read them, for each address, each user and in all (LAG-6). A reader with
 * too many unread answers is refused before the request is handled: a GET already when the longest page would find no
 * room, so that none is made in vain. An answer to a GET that finds no room even so is replaced by the refusal, which is
 * safe as a GET changes nothing.
 */
import { ChatError, HEADERS, LIMITS, PROBLEM_JSON, problemOf } from '@messagecore/protocol';
import { networkOf, type Reader, type UnsentAnswers } from '@messagecore/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';

const RETRY_AFTER_MS = 1_000;
/** Shorter answers are always sent: a refusal would be as long. */
const SHORT_BYTES = 1_024;

export function addUnsentBounds(app: App, answers: UnsentAnswers): void {
  const check = (request: FastifyRequest, reply: FastifyReply) => {
    if (request.routeOptions.config.rateLimit === false) return;
    if (answers.hasRoom(request.method === 'GET' ? LIMITS.pageBytes : 1, readersOf(request))) return;
    reply.header('connection', 'close');
    throw refusal();
  };
  app.addHook('onRequest', async (request, reply) => check(request, reply));
  // By now the caller is known.
  app.addHook('preHandler', async (request, reply) => check(request, reply));

  app.addHook('onSend', async (request, reply, payload) => {
    const readers = readersOf(request);
    const bytes = sizeOf(payload);
    if (request.method !== 'GET' || bytes <= SHORT_BYTES || answers.hasRoom(bytes, readers)) {
      answers.add(reply.raw, bytes, readers);
      return payload;
    }
    const error = refusal();
    const body = JSON.stringify(problemOf(error));
    for (const name of ['content-length', 'content-encoding', 'cache-control', 'etag']) reply.removeHeader(name);
    reply
      .code(problemOf(error).status)
      .type(PROBLEM_JSON)
      .headers({ connection: 'close', [HEADERS.retryAfter]: Math.ceil(RETRY_AFTER_MS / 1_000) });
    answers.add(reply.raw, body.length, readers);
    return body;
  });
}

function refusal(): ChatError {
  return new ChatError('rate_limited', 'too many answers wait to be read', { retryAfterMs: RETRY_AFTER_MS });
}

function readersOf({ ip, caller }: FastifyRequest): Reader[] {
  const address = { key: `address ${networkOf(ip)}`, maxBytes: LIMITS.unsentPerAddress };
  if (caller?.type === 'user') {
    return [address, { key: `user ${caller.tid} ${caller.uid}`, maxBytes: LIMITS.unsentPerUser }];
  }
  if (caller?.type === 'backend') return [address, { key: `tenant ${caller.tid}`, maxBytes: LIMITS.unsentPerAddress }];
  return [address];
}

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return payload instanceof Uint8Array ? payload.length : 0;
}
