import {
  type DownFrame,
  type DownFrameOf,
  DEFAULT_RETRY_AFTER_MS,
  ERRORS,
  LIMITS,
  type UpFrame,
  type UpFrameOf,
} from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcItem, type RpcToken } from '@messagecore/protocol/bus';
import type { Joins } from './joins.ts';
import type { Observation } from './observe-sends.ts';
import type { Presence, Typing, Upstream } from './ports.ts';
import type { SendOrder } from './send-order.ts';
import type { Watcher, Watchers } from './watchers.ts';

export interface CommandsDeps {
  readonly tid: string;
  readonly userId: string;
  readonly sid: string;
  /** From where the session comes; empty where that is not known. */
  readonly address: string;
  /** The device, when the token names it. */
  readonly clientId: string | undefined;
  /** The token of the session by now, for what is judged by it. */
  readonly token: () => RpcToken | undefined;
  readonly joins: Joins;
  readonly upstream: Upstream;
  readonly typing: Typing;
  readonly watchers: Watchers;
  readonly presence: Presence;
  /** The session, as one that watches users. */
  readonly watcher: Watcher;
  readonly sendOrder: SendOrder;
  readonly send: (frame: DownFrame) => void;
  /** For frames that nobody waits for. */
  readonly sendPatiently: (frame: DownFrame) => void;
  /** Wall clock. */
  readonly now: () => number;
  /** A request was refused as too much. */
  readonly onRefused: () => void;
  /** A send was acknowledged, or refused with this. */
  readonly onSendAnswered: (refusal: RpcError | undefined) => void;
  readonly observation: Observation | undefined;
}

/** What the answer to a request says of it. */
interface Request {
  readonly cid?: string | undefined;
  readonly ref?: string | undefined;
}

/** A device that neither its token nor a send has named. */
const UNNAMED = 'unnamed';

/**
 * Carries out the frames of an authenticated session. Rights are checked by chat-services when a command is carried
 * out; what they refuse comes back as an `error` that names the request.
 */
export class Commands {
  readonly #deps: CommandsDeps;
  #clientId: string | undefined;
  #sendsInFlight = 0;
  #callsInFlight = 0;
  /** Requests with a `ref` that have no answer yet. */
  #unanswered = 0;

  constructor(deps: CommandsDeps) {
    this.#deps = deps;
    this.#clientId = deps.clientId;
  }

  /** The device, as far as it is known. */
  get clientId(): string | undefined {
    return this.#clientId;
  }

  /** True while sends, or requests with a `ref`, wait for their answer. */
  get busy(): boolean {
    return this.#sendsInFlight > 0 || this.#unanswered > 0;
  }

  /** No frame follows. */
  close(): void {
    this.#deps.watchers.ended(this.#deps.watcher);
  }

  handle(frame: UpFrame): void {
    this.#deps.observation?.frame(this.#deps, frame);
    switch (frame.t) {
      case 'join':
        return void this.#join(frame);
      case 'resume':
        for (const [cid, [since, rev, epoch]] of Object.entries(frame.pos)) {
          void this.#deps.joins.join(cid, { since, rev, epoch });
        }
        return;
      case 'leave':
        return void this.#leave(frame);
      case 'send':
        return void this.#send(frame);
      case 'edit':
        return void this.#change(frame, { t: 'edit', body: frame.body });
      case 'recall':
        return void this.#change(frame, { t: 'recall' });
      case 'react':
        return void this.#change(frame, { t: 'react', emoji: frame.emoji, on: frame.on });
      case 'ack':
        return void this.#delivered(frame);
      case 'read':
        return void this.#read(frame);
      case 'typing':
        return void this.#typing(frame);
      case 'call':
        return void this.#call(frame);
      case 'ping':
        return this.#deps.send({ t: 'pong', at: frame.at });
      case 'presence':
        return this.#deps.presence.set(this.#deps, frame.state === 'online');
      case 'watch':
        return this.#watch(frame);
      case 'unwatch':
        return this.#deps.watchers.unwatch(this.#deps.watcher, frame.users);
      // Handled by the session itself.
      case 'auth':
        return;
      default:
        frame satisfies never;
    }
  }

  get #actor(): { tid: string; uid: string } {
    return { tid: this.#deps.tid, uid: this.#deps.userId };
  }

  /** With the token, by which a chat-service finds a revocation that this gateway has not heard of yet. */
  get #bearer(): { tid: string; uid: string; token?: RpcToken } {
    const token = this.#deps.token();
    return token === undefined ? this.#actor : { ...this.#actor, token };
  }

  /** As many as may be; an `error` says that there were more. */
  #watch({ users }: UpFrameOf<'watch'>): void {
    const { watchers, watcher, presence } = this.#deps;
    const isWhole = watchers.watch(watcher, users);
    presence.watched(watcher, users);
    if (isWhole) return;
    const msg = `the sessions of a user watch ${LIMITS.watchedByUser} users at most, those of a gateway ${LIMITS.watchedByGateway}`;
    this.#error({ error: 'too_large', msg }, {});
  }

  async #join({ cid, ref, ...cursor }: UpFrameOf<'join'>): Promise<void> {
    if (ref !== undefined) this.#unanswered += 1;
    await this.#deps.joins.join(cid, cursor, ref);
    if (ref !== undefined) this.#unanswered -= 1;
  }

  async #leave({ cid, ref }: UpFrameOf<'leave'>): Promise<void> {
    if (!this.#deps.joins.leave(cid)) return this.#answer({ cid, ref }, this.#membershipOf(cid), () => ({}));
    if (ref !== undefined) this.#deps.send({ t: 'result', ref, cid });
  }

  async #send(frame: UpFrameOf<'send'>): Promise<void> {
    const { cid, mid, clientId, kind, body, replyTo, threadRoot, showInChannel, expiresIn, expiresAfterRead } = frame;
    const { sendOrder, upstream } = this.#deps;
    if (this.#sendsInFlight >= LIMITS.sendsInFlight) {
      const msg = `more than ${LIMITS.sendsInFlight} sends wait for their ack`;
      return this.refuseSend(frame, { error: 'rate_limited', msg });
    }
    const place = sendOrder.nextPlace();
    this.#clientId ??= clientId;
    this.#sendsInFlight += 1;
    const item: RpcItem<'send'> = { ...this.#bearer, cid, mid, clientId, kind, body };
    if (replyTo !== undefined) item.replyTo = replyTo;
    if (threadRoot !== undefined) item.threadRoot = threadRoot;
    if (showInChannel !== undefined) item.showInChannel = showInChannel;
    if (expiresIn !== undefined) item.expiresIn = expiresIn;
    if (expiresAfterRead !== undefined) item.expiresAfterRead = expiresAfterRead;
    // Nothing new may pass while an earlier send is to come again, but a repeat is answered all the same.
    const held = sendOrder.refusalOf(cid, mid, place);
    if (held?.retryAfterMs !== undefined) item.waitMs = held.retryAfterMs;
    const veto = held === undefined ? () => sendOrder.refusalOf(cid, mid, place) : undefined;
    const observed = this.#deps.observation?.send(item);
    if (observed?.traceparent !== undefined) item.trace = observed.traceparent;
    const answer = await upstream.send(item, veto);
    if (observed !== undefined) observed.settled(answer);
    else if (isRpcError(answer) && held === undefined) this.#deps.observation?.failed(item, answer);
    this.#sendsInFlight -= 1;
    // What is held back is over no limit: it shares the refusal of the send before it.
    const wasHeld = held !== undefined && isRpcError(answer) && answer.error === 'rate_limited';
    if (isRpcError(answer)) this.refuseSend(frame, wasHeld ? held : answer, place);
    else {
      this.#deps.onSendAnswered(undefined);
      this.#deps.send({ t: 'ack', cid, pos: answer.seq, mid, at: answer.at });
    }
  }

  /** Refuses a send, and for the moment those behind it. */
  refuseSend({ cid, mid }: UpFrameOf<'send'>, refusal: RpcError, place = this.#deps.sendOrder.nextPlace()): void {
    this.#deps.onSendAnswered(refusal);
    this.#error(this.#deps.sendOrder.refused(cid, mid, place, refusal), { cid, ref: mid });
  }

  #change(
    request: Request & { readonly cid: string; readonly seq: number },
    change: RpcItem<'change'>['change'],
  ): Promise<void> {
    const { cid, seq } = request;
    const asked = this.#deps.upstream.change({ ...this.#bearer, cid, seq, change });
    return this.#answer(request, asked, ({ rev }) => ({ rev }));
  }

  #delivered(request: UpFrameOf<'ack'>): Promise<void> {
    const { cid, pos } = request;
    const asked = this.#deps.upstream.delivered({ ...this.#actor, cid, clientId: this.#clientId ?? UNNAMED, pos });
    return this.#answer(request, asked, ({ pos }) => ({ pos }), this.#deps.sendPatiently);
  }

  #read(request: UpFrameOf<'read'>): Promise<void> {
    const { cid, pos } = request;
    const asked = this.#deps.upstream.read({ ...this.#actor, cid, pos });
    return this.#answer(request, asked, ({ pos, unread }) => ({ pos, unread }), this.#deps.sendPatiently);
  }

  /** What an operation is, and whether this user may, the chat-service knows. */
  async #call({ op, ref, cid, args }: UpFrameOf<'call'>): Promise<void> {
    const request = { ref, ...(cid !== undefined && { cid }) };
    if (this.#callsInFlight >= LIMITS.callsInFlight) {
      const msg = `more than ${LIMITS.callsInFlight} calls wait for their answer`;
      return this.#error({ error: 'rate_limited', msg, retryAfterMs: DEFAULT_RETRY_AFTER_MS }, request);
    }
    const { sid, address } = this.#deps;
    const item: RpcItem<'call'> = { ...this.#bearer, sid, op };
    if (address !== '') item.address = address;
    if (cid !== undefined) item.cid = cid;
    if (args !== undefined) item.args = args;
    this.#callsInFlight += 1;
    await this.#answer(request, this.#deps.upstream.call(item), ({ data }) => (data === undefined ? {} : { data }));
    this.#callsInFlight -= 1;
  }

  /** Answers a request once it is settled: a refusal by `error`, what was carried out by `result` if it has a `ref`. */
  async #answer<R extends object>(
    { cid, ref }: Request,
    asked: Promise<R | RpcError>,
    fields: (answer: R) => Partial<DownFrameOf<'result'>>,
    send = this.#deps.send,
  ): Promise<void> {
    if (ref !== undefined) this.#unanswered += 1;
    const answer = await asked;
    if (ref !== undefined) this.#unanswered -= 1;
    const about = cid === undefined ? {} : { cid };
    if (isRpcError(answer)) this.#error(answer, { ...about, ...(ref !== undefined && { ref }) });
    else if (ref !== undefined) send({ t: 'result', ref, ...about, ...fields(answer) });
  }

  /** Behind a join that is under way it waits for that. */
  async #typing({ cid, on }: UpFrameOf<'typing'>): Promise<void> {
    const { joins, typing } = this.#deps;
    await joins.settled(cid);
    const membership = joins.get(cid);
    const isMuted = membership !== undefined && membership.mutedUntil > this.#deps.now();
    if (isMuted && on) return this.#error({ error: 'muted', msg: ERRORS.muted.title }, { cid });
    if (membership?.listener === true)
      return this.#error({ error: 'not_member', msg: ERRORS.not_member.title }, { cid });
    if (membership !== undefined) return typing.set(this.#deps, cid, on);
    const answer = await this.#membershipOf(cid);
    this.#error(isRpcError(answer) ? answer : { error: 'conflict', msg: 'typing needs a join' }, { cid });
  }

  /** What a join would be answered. */
  #membershipOf(cid: string): ReturnType<Upstream['join']> {
    return this.#deps.upstream.join({ ...this.#actor, cid });
  }

  #error({ error: code, msg, retryAfterMs }: RpcError, about: { cid?: string; ref?: string }): void {
    if (code === 'rate_limited') this.#deps.onRefused();
    this.#deps.send({ t: 'error', code, msg, ...about, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }
}
