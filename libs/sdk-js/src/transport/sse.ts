/**
 * The way without WebSocket: frames come down as server-sent events, and go up as REST calls.
 *
 * A stream names its conversations and whom it watches when it opens, so to join one more, to join anew after a loss, or to
 * watch another user opens another stream from where every conversation stands by then. Sends keep their order: one at a
 * time in a conversation, and when one fails in a way that passes, those behind it fail too, as they would on a socket.
 */
import type { Clock, Timer } from '@messagecore/kernel';
import type { DownFrame, DownFrameOf, Sent, UpFrame, UpFrameOf } from '../wire.ts';
import { ABNORMAL_CLOSE, ChatError, CLOSE, ERRORS } from '@messagecore/protocol/constants';
import { httpBeside, segment } from '../addresses.ts';
import { type FetchLike, problemOf, type Rest } from '../rest.ts';
import type { Change } from '../conversation/port.ts';
import { loadCalls } from '../operations/call.ts';
import { readJson } from './codec.ts';
import { readEventStream } from './event-stream.ts';
import type { OpenTransport, Transport, TransportEvents } from './transport.ts';

export interface SseDeps {
  readonly fetch: FetchLike;
  readonly rest: Rest;
  readonly clock: Clock;
  /** Whether `inbox` frames are wanted. */
  readonly inbox?: boolean | undefined;
  /** Users who are watched now, the last ones last. */
  readonly watched: { readonly users: ReadonlySet<string> };
}

/** Conversations that fit into the address of a stream; more are refused, as a session's limit is. */
const MAX_CONVERSATIONS = 100;
/** Users who fit beside them, the last ones (PRES-5). */
const MAX_WATCHED = 80;
/** Joins that come this close together share one new stream. */
const REOPEN_AFTER_MS = 20;

/** What a stream's end means, since HTTP has no close codes. */
const CLOSE_AFTER_BYE: Readonly<Record<string, number>> = {
  draining: CLOSE.restart,
  expired: CLOSE.unauthorized,
  suspended: CLOSE.forbidden,
  revoked: CLOSE.unauthorized,
  lagging: CLOSE.tooFarBehind,
};

/** What an answer names of its request. */
type Answered = Pick<UpFrameOf<'read' | 'call'>, 'ref' | 'cid'>;

export function openEventStream(deps: SseDeps, open: OpenTransport, events: TransportEvents): Transport {
  return new EventStreamTransport(deps, open, events);
}

class EventStreamTransport implements Transport {
  readonly #deps: SseDeps;
  readonly #open: OpenTransport;
  readonly #events: TransportEvents;
  readonly #sends = new Map<string, UpFrameOf<'send'>[]>();
  #token: string;
  #stream = new AbortController();
  /** Conversations of the stream whose join the client has not asked for yet: the stream answers it unasked. */
  #covered = new Set<string>();
  /** Users whom the stream watches. */
  #watched: readonly string[] = [];
  #reopenTimer: Timer | undefined;
  #lastBye: string | undefined;
  #closed = false;

  constructor(deps: SseDeps, open: OpenTransport, events: TransportEvents) {
    this.#deps = deps;
    this.#open = open;
    this.#events = events;
    this.#token = open.token;
    void this.#run();
  }

  send(frame: UpFrame): boolean {
    const carry = this.#closed ? undefined : this.#wayOf(frame);
    carry?.();
    return carry !== undefined;
  }

  #wayOf(frame: UpFrame): (() => void) | undefined {
    switch (frame.t) {
      case 'join':
        return () => this.#join([frame.cid]);
      case 'resume':
        return () => this.#join(Object.keys(frame.pos));
      case 'auth':
        return () => {
          this.#token = frame.jwt;
          this.#reopenSoon();
        };
      case 'send':
        return () => this.#enqueue(frame);
      case 'read':
        return () => this.#read(frame);
      case 'edit':
      case 'recall':
      case 'react':
        return () => this.#answerTo(frame, changeOverHttp(this.#deps.rest, frame));
      case 'watch':
      case 'unwatch':
        return () => this.#watch();
      case 'call':
        return () => this.#answerTo(frame, callOverHttp(this.#deps.rest, frame));
      // The others miss a typing mark, and the next connection that can reports what was received.
      case 'ack':
      case 'leave':
      case 'ping':
      case 'typing':
      case 'presence':
        return undefined;
    }
  }

  close(): void {
    this.#closed = true;
    this.#reopenTimer?.cancel();
    this.#stream.abort();
  }

  /** Runs one stream to its end. A stream that another one replaced says nothing any more. */
  async #run(): Promise<void> {
    const stream = (this.#stream = new AbortController());
    const current = () => !this.#closed && this.#stream === stream;
    try {
      const response = await this.#deps.fetch(this.#url(), {
        signal: stream.signal,
        headers: { accept: 'text/event-stream' },
      });
      if (!current()) return;
      if (!response.ok || response.body === null) return this.#refused(await problemOf(response));
      for await (const data of readEventStream(response.body as ReadableStream<Uint8Array<ArrayBuffer>>)) {
        if (!current()) return;
        if (data === undefined) this.#events.alive();
        else this.#receive(data);
      }
    } catch {
      // A network that fails, or our own abort.
    }
    if (current()) this.#end(CLOSE_AFTER_BYE[this.#lastBye ?? ''] ?? ABNORMAL_CLOSE);
  }

  #url(): string {
    const url = new URL(`${httpBeside(this.#open.url)}/sse`);
    url.searchParams.set('token', this.#token);
    if (this.#deps.inbox) url.searchParams.set('inbox', 'true');
    this.#covered = new Set();
    for (const [cid, { since, rev, epoch }] of [...this.#open.positions()].slice(0, MAX_CONVERSATIONS)) {
      this.#covered.add(cid);
      url.searchParams.append('cid', cid);
      for (const [name, value] of Object.entries({ since, rev, epoch })) {
        url.searchParams.append(name, value === undefined ? '' : String(value));
      }
    }
    this.#watched = this.#toWatch();
    for (const user of this.#watched) url.searchParams.append('watch', user);
    return url.href;
  }

  #toWatch(): readonly string[] {
    return [...this.#deps.watched.users].slice(-MAX_WATCHED);
  }

  #receive(data: string): void {
    try {
      const frame = readJson(data);
      if (frame.t === 'bye') this.#lastBye = frame.reason;
      this.#events.frame(frame);
    } catch (error) {
      this.#events.unreadable(error);
    }
  }

  /** One conversation that may not be joined refuses the whole stream; which one it is, REST tells. */
  async #refused(error: ChatError): Promise<void> {
    const mayBeJoin = error.code === 'not_found' || error.code === 'not_member';
    if (mayBeJoin && (await this.#refuseForeign())) return this.#run();
    this.#answer(errorFrame(error));
    this.#end(ERRORS[error.code].close ?? ABNORMAL_CLOSE);
  }

  /** Tells the client of every conversation that it may not join. Whether there was one. */
  async #refuseForeign(): Promise<boolean> {
    const check = async (cid: string) => {
      try {
        await this.#deps.rest.request('GET', `/v1/conversations/${segment(cid)}`);
        return false;
      } catch (error) {
        if (!(error instanceof ChatError) || ERRORS[error.code].retry !== 'never') return false;
        this.#events.frame(errorFrame(error, cid));
        return true;
      }
    };
    const refused = await Promise.all([...this.#open.positions().keys()].map(check));
    return !this.#closed && refused.includes(true);
  }

  #end(code: number): void {
    if (this.#closed) return;
    this.close();
    this.#events.closed(code);
  }

  #join(cids: readonly string[]): void {
    const wanted = [...this.#open.positions().keys()].slice(0, MAX_CONVERSATIONS);
    const uncovered = cids.filter((cid) => !this.#covered.delete(cid));
    const served = uncovered.filter((cid) => wanted.includes(cid));
    if (served.length > 0) this.#reopenSoon();
    for (const cid of uncovered.filter((each) => !wanted.includes(each))) {
      this.#answer(errorFrame(new ChatError('too_large'), cid));
    }
  }

  /** Whoever is not watched any more is left out of the next stream. */
  #watch(): void {
    if (this.#toWatch().some((user) => !this.#watched.includes(user))) this.#reopenSoon();
  }

  #reopenSoon(): void {
    this.#reopenTimer ??= this.#deps.clock.setTimeout(() => {
      this.#reopenTimer = undefined;
      this.#stream.abort();
      void this.#run();
    }, REOPEN_AFTER_MS);
  }

  #enqueue(frame: UpFrameOf<'send'>): void {
    const queue = this.#sends.get(frame.cid);
    if (queue !== undefined) {
      queue.push(frame);
      return;
    }
    this.#sends.set(frame.cid, [frame]);
    void this.#drain(frame.cid);
  }

  async #drain(cid: string): Promise<void> {
    const queue = this.#sends.get(cid) ?? [];
    for (let frame = queue[0]; frame !== undefined && !this.#closed; frame = queue[0]) {
      const { t: _t, ref: _ref, at: _at, ...body } = frame;
      try {
        const { seq, mid, at } = await this.#deps.rest.request<Sent>('POST', '/send', { body });
        queue.shift();
        this.#answer({ t: 'ack', cid, pos: seq, mid, at });
      } catch (error) {
        const passes = ERRORS[chatErrorOf(error).code].retry === 'later';
        for (const { mid } of queue.splice(0, passes ? queue.length : 1)) this.#answer(errorFrame(error, cid, mid));
      }
    }
    this.#sends.delete(cid);
  }

  #read(frame: UpFrameOf<'read'>): void {
    const path = `/v1/conversations/${segment(frame.cid)}/read`;
    this.#answerTo(frame, this.#deps.rest.request('PUT', path, { body: { pos: frame.pos } }));
  }

  /** Answers a request, with what REST told, as a session does: by one `result` or `error`. */
  #answerTo({ ref, cid }: Answered, told: Promise<object>): void {
    told.then(
      (more) => ref !== undefined && this.#answer({ t: 'result', ref, ...(cid && { cid }), ...more }),
      (error: unknown) => this.#answer(errorFrame(error, cid, ref)),
    );
  }

  #answer(frame: DownFrame): void {
    if (!this.#closed) this.#events.frame(frame);
  }
}

/** A change over HTTP. It may be repeated there: what is as it should be stays so. */
async function changeOverHttp(rest: Pick<Rest, 'request'>, change: Change): Promise<object> {
  const path = `/v1/conversations/${segment(change.cid)}/messages/${change.seq}`;
  if (change.t === 'edit') await rest.request('PATCH', path, { body: { body: change.body } });
  else if (change.t === 'recall') await rest.request('DELETE', path);
  else await rest.request(change.on ? 'PUT' : 'DELETE', `${path}/reactions/${segment(change.emoji)}`);
  return {};
}

/** Over REST each operation has a route of its own. */
async function callOverHttp(rest: Pick<Rest, 'request'>, call: UpFrameOf<'call'>): Promise<object> {
  const { restOf } = await loadCalls();
  const { method, path, request } = restOf(call, segment);
  return { data: await rest.request(method, path, request) };
}

function errorFrame(error: unknown, cid?: string, ref?: string): DownFrameOf<'error'> {
  const { code, message: msg, retryAfterMs } = chatErrorOf(error);
  return { t: 'error', code, msg, cid, ref, retryAfterMs };
}

const chatErrorOf = (error: unknown) => (error instanceof ChatError ? error : new ChatError('unavailable'));
