/** The one place where an error becomes an answer. */
import type { Socket } from 'node:net';
import {
  bodyIssues,
  ChatError,
  ERRORS,
  HEADERS,
  invalid,
  PROBLEM_JSON,
  problemOf,
  STATUS,
  unreadProblem,
} from '@messagecore/protocol';
import { hangUp } from '@messagecore/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { asChatError } from '../database/failures.ts';
import { isTenantFault } from '../outbound/tenant-fault.ts';
import type { App } from './app-type.ts';
import { createHoldBack } from './hold-back.ts';
import type { InTurn } from './turns.ts';

/** Used when an error has no `retryAfterMs` but its status must carry one (`quota_exceeded`). */
const RETRY_AFTER_MS = 60_000;
const HANDLER_TIMEOUT = 'FST_ERR_HANDLER_TIMEOUT';
const WITH_RETRY_AFTER = new Set<number>([ERRORS.rate_limited.http, ERRORS.unavailable.http]);

export function addErrors(app: App, inTurn: InTurn): void {
  const methods = collectMethods(app);

  const holdBack = createHoldBack(inTurn);
  app.setErrorHandler(async (error, request, reply) => {
    if (refusalOf(error, request).code === 'rate_limited') await holdBack();
    return answer(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods(request.url.split('?', 1)[0] ?? '');
    if (allowed.length === 0) return sendProblem(reply, new ChatError('not_found', 'no such route'));
    reply.header('allow', allowed.join(', '));
    return sendProblem(reply, new ChatError('method_not_allowed', `${request.method} is not allowed here`));
  });
}

/** Answers with the problem document of an error. Faults of the service are logged with the request's id, once, here. */
export function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isUnsent(error, request)) {
    const late = new ChatError('bad_request', 'no whole request in time');
    return sendProblem(reply.header('connection', 'close'), late, STATUS.requestTimeout);
  }
  const known = refusalOf(error, request);
  if (isTenantFault(known)) request.log.debug({ err: known.cause }, 'a tenant’s server failed');
  else if (known.code === 'internal' || known.code === 'unavailable') {
    request.log.error({ err: error, req: request, code: known.code, ...aboutOf(request) }, 'request failed');
  }
  return sendProblem(reply, known);
}

/** Whose request it was and of which conversation, where that is known by then. */
function aboutOf({ caller, params }: Pick<FastifyRequest, 'caller' | 'params'>): { tid?: string; cid?: string } {
  const { cid } = (params ?? {}) as { cid?: string };
  const tid = caller !== null && 'tid' in caller ? caller.tid : undefined;
  return { ...(tid !== undefined && { tid }), ...(cid !== undefined && { cid }) };
}

export function sayWhenToRetry(reply: FastifyReply, error: ChatError, status: number = ERRORS[error.code].http): void {
  if (!WITH_RETRY_AFTER.has(status)) return;
  reply.header(HEADERS.retryAfter, Math.ceil((error.retryAfterMs ?? RETRY_AFTER_MS) / 1000));
}

function sendProblem(reply: FastifyReply, error: ChatError, status: number = ERRORS[error.code].http): FastifyReply {
  sayWhenToRetry(reply, error, status);
  // A string, so that it bypasses the route's response schema and serializer.
  return reply
    .code(status)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problemOf(error, status)));
}

/** Answers what is no request at all. */
export function refuseUnread({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable) hangUp(socket, unreadProblem(code));
  // What comes after the answer is a fault too, once more: that peer is about to be cut off.
  else if (!socket.writableEnded) socket.destroy();
}

/** Whether the handler timed out because the request body had not arrived, which is the caller's fault. */
function isUnsent(error: unknown, { raw }: FastifyRequest): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === HANDLER_TIMEOUT && !raw.complete;
}

/** The parts of a request that a route's schema checks, and how problems name them. */
const PARTS = [
  ['params', 'params'],
  ['querystring', 'query'],
  ['headers', 'headers'],
  ['body', 'body'],
] as const;

/**
 * Everything that is wrong with a request. The validator stops at the first part that is wrong, and a message's body is
 * only looked at when what is around it is right: here all is looked at, so that one answer names it all.
 */
function wrongFields(request: FastifyRequest): ChatError | undefined {
  const schemas = request.routeOptions.schema ?? {};
  const issues = PARTS.flatMap(([name, part]) => {
    const schema: unknown = schemas[name];
    if (!(schema instanceof z.ZodType)) return [];
    const found = schema.safeParse(request[part]).error?.issues ?? [];
    return found.length > 0 && part === 'body' ? [...found, ...bodyIssues(request.body)] : found;
  });
  return issues.length === 0 ? undefined : invalid({ issues });
}

/** What is said to whoever asked; `internal` for a fault of the service, whose words stay inside. */
export function refusalOf(error: unknown, request: FastifyRequest): ChatError {
  if (hasZodFastifySchemaValidationErrors(error)) {
    return wrongFields(request) ?? new ChatError('bad_request', error.message);
  }
  if (!(error instanceof Error)) return asChatError(error);
  const code: unknown = Reflect.get(error, 'code');
  const status: unknown = Reflect.get(error, 'statusCode');
  if (code === HANDLER_TIMEOUT) return new ChatError('unavailable', 'no answer in time', { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ChatError('unsupported_media_type', 'a body is application/json');
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ChatError('too_large', 'the body is too large');
  if (
    typeof code === 'string' &&
    code.startsWith('FST_') &&
    typeof status === 'number' &&
    status < ERRORS.internal.http
  ) {
    return new ChatError('bad_request', error.message);
  }
  return asChatError(error);
}

/** Which methods a path answers to, learned from the routes as they are added. */
function collectMethods(app: App): (path: string) => string[] {
  const known: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // The wildcard is that of preflight requests.
    if (url.includes('*')) return;
    const pattern = new RegExp(`^${url.replaceAll(/:[^/]+/g, '[^/]+')}$`);
    known.push({ pattern, methods: [method].flat() });
  });
  return (path) => {
    const methods = known.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].toSorted();
  };
}
