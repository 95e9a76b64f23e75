import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ChatError,
  Cid,
  isRpcError,
  LIMITS,
  numeral,
  Pos,
  type RpcError,
  type RpcItem,
  STATUS,
} from '@messagecore/protocol';
import { decodeResumeToken, type Position } from '../egress/resume-token.ts';
import { SseSink } from '../egress/sse-sink.ts';
import type { Turn } from '../egress/turn.ts';
import { Session, type SessionDeps } from '../session/session.ts';
import type { Identity } from '../session/deps.ts';
import { CORS } from './http.ts';

/** Conversations of one stream: the resume token that goes with every event names them all. */
const CONVERSATIONS = 100;

export interface SseDeps {
  readonly turn: Turn;
  readonly session: SessionDeps;
  readonly newSid: () => string;
  /** Why the stream is not taken; undefined when it is. */
  readonly refusalOf: (request: IncomingMessage) => ChatError | undefined;
  readonly onSession: (session: Session) => void;
}

/**
 * Serves `GET /sse`: the same session as over WebSocket, with an event stream as its sink and the joins from the URL.
 * Whatever is wrong with the request is answered before the stream starts. Rejects with a ChatError.
 */
export function createSse({ turn, session: deps, newSid, refusalOf, onSession }: SseDeps) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method === 'OPTIONS') return void response.writeHead(STATUS.noContent, PREFLIGHT).end();
    const refusal = refusalOf(request);
    if (refusal !== undefined) throw refusal;
    const token = url.searchParams.get('token') ?? '';
    const start = readStart(url.searchParams, request.headers['last-event-id']);
    const newsBefore = deps.news.count;
    const identity = valueOf(await deps.verify(token));
    if (deps.mayOpen?.(identity.uid) === false) throw crowded();
    await Promise.all([...start.keys()].map((cid) => mayJoin(deps, identity, cid)));
    if (response.destroyed) return;

    response.writeHead(STATUS.ok, HEADERS);
    response.flushHeaders();
    const sink = new SseSink(response, start, turn);
    const session = new Session(newSid(), sink, {
      ...deps,
      verify: firstKnown(identity, newsBefore, deps),
      onOpened(opened) {
        deps.onOpened(opened);
        for (const [cid, { seq, rev, epoch }] of start) void opened.joins?.join(cid, { since: seq, rev, epoch });
      },
    });
    onSession(session);
    response.on('close', () => session.dispatch('gone'));
    session.authenticate(token);
  };
}

/**
 * Verifies tokens like any session, but knows the first answer already; unless, while the joins were looked at, news has
 * come that makes it doubtful.
 */
function firstKnown(identity: Identity, newsBefore: number, { verify, news }: SessionDeps): SessionDeps['verify'] {
  let known: Identity | undefined = identity;
  return async (jwt) => {
    const first = known;
    known = undefined;
    return first === undefined || news.concerns(first, newsBefore) ? verify(jwt) : first;
  };
}

function crowded(): ChatError {
  return new ChatError('rate_limited', `more than ${LIMITS.sessionsPerUser} sessions`);
}

async function mayJoin({ upstream }: SessionDeps, { tid, uid }: Identity, cid: string): Promise<void> {
  const item: RpcItem<'join'> = { tid, uid, cid };
  valueOf(await upstream.join(item));
}

function valueOf<R extends object>(answer: R | RpcError): R {
  if (!isRpcError(answer)) return answer;
  const { error, msg, retryAfterMs } = answer;
  throw new ChatError(error, msg, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/**
 * Pairs of `cid` and `since`, each `since` belonging to the `cid` before it, as do `rev` and `epoch`; `Last-Event-ID` beats
 * them.
 */
function readStart(params: URLSearchParams, lastEventId: unknown): Map<string, Partial<Position>> {
  const start = new Map<string, Partial<Position>>();
  let current: string | undefined;
  for (const [name, value] of params) {
    if (name === 'cid') {
      current = read(Cid, value, name);
      start.set(current, {});
    } else if (isPlace(name) && current !== undefined && value !== '') {
      start.set(current, { ...start.get(current), [PLACE[name]]: read(Place, value, name) });
    }
  }
  if (start.size > CONVERSATIONS) throw new ChatError('bad_request', `cid: more than ${CONVERSATIONS} conversations`);
  const resumed = typeof lastEventId === 'string' ? decodeResumeToken(lastEventId) : [];
  for (const [cid, position] of resumed) if (start.has(cid)) start.set(cid, position);
  return start;
}

/** Digits and nothing else: what `Number` makes of other texts is nobody's position. */
const Place = numeral(Pos);
const PLACE = { since: 'seq', rev: 'rev', epoch: 'epoch' } as const satisfies Record<string, keyof Position>;

function isPlace(name: string): name is keyof typeof PLACE {
  return Object.hasOwn(PLACE, name);
}

function read<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T | undefined } },
  value: unknown,
  name: string,
): T {
  const { data } = schema.safeParse(value);
  if (data === undefined) throw new ChatError('bad_request', `${name}: not valid`);
  return data;
}

const HEADERS = {
  ...CORS,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // nginx would collect events in a buffer.
  'x-accel-buffering': 'no',
} as const;

const PREFLIGHT = {
  ...CORS,
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': 'last-event-id, cache-control',
  'access-control-max-age': '86400',
} as const;
