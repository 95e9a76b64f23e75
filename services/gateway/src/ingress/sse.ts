import type { IncomingMessage, ServerResponse } from 'node:http';
import { ChatError, Cid, ERRORS, LIMITS, Pos, STATUS, UserId } from '@messagecore/protocol';
import { isRpcError, type RpcError } from '@messagecore/protocol/bus';
import { numeral } from '@messagecore/protocol';
import { decodeResumeToken, type ResumePosition } from '../egress/resume-token.ts';
import { SseSink } from '../egress/sse-sink.ts';
import type { FlushScheduler } from '../egress/flush-scheduler.ts';
import { Session, type SessionDeps } from '../session/session.ts';
import type { Identity } from '../session/deps.ts';
import { asksForInbox, tokenOf } from './credentials.ts';
import { CORS } from './http.ts';

/** Conversations of one stream: the resume token that goes with every event names them all. */
const CONVERSATIONS = 100;

export interface SseDeps {
  readonly scheduler: FlushScheduler;
  readonly session: SessionDeps;
  readonly newSid: () => string;
  /** Why the stream is not taken; undefined when it is. */
  readonly refusalOf: (request: IncomingMessage) => ChatError | undefined;
  readonly onSession: (session: Session) => void;
  /** Other origins whose pages may come with a cookie. */
  readonly cookieOrigins: readonly string[];
}

/**
 * Serves `GET /sse`: the same session as over WebSocket, with an event stream as its sink and the joins from the URL.
 * Whatever is wrong with the request is answered before the stream starts. Rejects with a ChatError.
 */
export function createSse({ scheduler: turn, session: deps, newSid, refusalOf, onSession, cookieOrigins }: SseDeps) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method === 'OPTIONS') {
      const headers = { ...PREFLIGHT, ...credentialsOf(request, cookieOrigins) };
      return void response.writeHead(STATUS.noContent, headers).end();
    }
    const refusal = refusalOf(request);
    if (refusal !== undefined) throw refusal;
    const token = tokenOf(request, url, cookieOrigins) ?? '';
    const start = readStart(url.searchParams, request.headers['last-event-id']);
    const watched = readWatched(url.searchParams);
    const revocationsBefore = deps.revocations.count;
    const inbox = asksForInbox(url);
    const identity = valueOf(await deps.verify(token, inbox));
    valueOf(deps.refusalToOpen?.(identity) ?? {});
    await mayJoinAny(deps, identity, [...start.keys()]);
    if (response.destroyed) return;

    response.writeHead(STATUS.ok, { ...HEADERS, ...credentialsOf(request, cookieOrigins) });
    response.flushHeaders();
    const sink = new SseSink(response, start, turn);
    const session = new Session(newSid(), sink, {
      ...deps,
      verify: reusingFirstIdentity(identity, revocationsBefore, deps),
      onOpened(opened) {
        deps.onOpened(opened);
        for (const [cid, { seq, rev, epoch }] of start) void opened.joins?.join(cid, { since: seq, rev, epoch });
        if (watched.length > 0) opened.receive({ t: 'watch', users: watched });
      },
    });
    onSession(session);
    response.on('close', () => session.dispatch('gone'));
    session.authenticate(token, inbox);
  };
}

/**
 * Verifies tokens like any session, but knows the first answer already, unless a revocation that may affect it came while
 * the joins were looked at.
 */
function reusingFirstIdentity(
  identity: Identity,
  revocationsBefore: number,
  { verify, revocations }: SessionDeps,
): SessionDeps['verify'] {
  let known: Identity | undefined = identity;
  return async (jwt, unread) => {
    const first = known;
    known = undefined;
    return first === undefined || revocations.affects(first, revocationsBefore) ? verify(jwt, unread) : first;
  };
}

/**
 * A stream starts when one of its conversations may be joined: a browser that is refused comes back no more, and would lose
 * the others. Those that may not are answered by an `error` frame each when the session joins them. What passes by itself
 * refuses the stream, so that it is asked for again as a whole.
 */
async function mayJoinAny({ upstream }: SessionDeps, { tid, uid }: Identity, cids: readonly string[]): Promise<void> {
  const answers = await Promise.all(cids.map((cid) => upstream.join({ tid, uid, cid })));
  const refusals = answers.filter((answer) => isRpcError(answer));
  const passing = refusals.find(({ error }) => ERRORS[error].retry === 'later');
  if (passing !== undefined || refusals.length === cids.length)
    for (const refusal of refusals) valueOf(passing ?? refusal);
}

/** For pages whose cookie counts: browsers let them read the answer only if they are named in it. */
function credentialsOf({ headers: { origin } }: IncomingMessage, cookieOrigins: readonly string[]) {
  if (origin === undefined || !cookieOrigins.includes(origin)) return {};
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'origin' };
}

function valueOf<R extends object>(answer: R | RpcError): R {
  if (!isRpcError(answer)) return answer;
  const { error, msg, retryAfterMs } = answer;
  throw new ChatError(error, msg, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/**
 * Pairs of `cid` and `since`, each `since` belonging to the `cid` before it, as do `rev` and `epoch`; `Last-Event-ID` beats
 * them. Of a single `cid` the order does not matter.
 */
function readStart(params: URLSearchParams, lastEventId: unknown): Map<string, Partial<ResumePosition>> {
  const start = new Map<string, Partial<ResumePosition>>();
  let current: string | undefined;
  let early: Partial<ResumePosition> = {};
  for (const [name, value] of params) {
    if (name === 'cid') {
      current = read(Cid, value, name);
      start.set(current, {});
    } else if (isPositionParam(name) && value !== '') {
      const part = { [POSITION_FIELDS[name]]: read(PositionNumber, value, name) };
      if (current === undefined) early = { ...early, ...part };
      else start.set(current, { ...start.get(current), ...part });
    }
  }
  if (Object.keys(early).length > 0) {
    if (current === undefined || start.size > 1)
      throw new ChatError('bad_request', 'since, rev and epoch follow their cid');
    start.set(current, { ...early, ...start.get(current) });
  }
  if (start.size > CONVERSATIONS) throw new ChatError('bad_request', `cid: more than ${CONVERSATIONS} conversations`);
  const resumed = typeof lastEventId === 'string' ? decodeResumeToken(lastEventId) : [];
  for (const [cid, position] of resumed) if (start.has(cid)) start.set(cid, position);
  return start;
}

/** Users whom the stream watches, as by the frame `watch`. */
function readWatched(params: URLSearchParams): string[] {
  const users = params.getAll('watch').map((value) => read(UserId, value, 'watch'));
  if (users.length > LIMITS.watchedByStream)
    throw new ChatError('bad_request', `watch: more than ${LIMITS.watchedByStream} users`);
  return users;
}

/** Digits and nothing else: what `Number` makes of other texts is nobody's position. */
const PositionNumber = numeral(Pos);
const POSITION_FIELDS = { since: 'seq', rev: 'rev', epoch: 'epoch' } as const satisfies Record<
  string,
  keyof ResumePosition
>;

function isPositionParam(name: string): name is keyof typeof POSITION_FIELDS {
  return Object.hasOwn(POSITION_FIELDS, name);
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
  'access-control-allow-headers': 'authorization, last-event-id, cache-control',
  'access-control-max-age': '86400',
} as const;
