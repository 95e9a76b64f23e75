import {
  DEFAULT_RETRY_AFTER_MS,
  type DownFrameOf,
  ERRORS,
  LIMITS,
  type Rate,
  type UpFrame,
} from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcToken } from '@messagecore/protocol/bus';
import type { Sink } from '../egress/sink.ts';
import { Backlog, type Deferred } from './backlog.ts';
import type { Joins } from './joins.ts';
import type { Membership, MembershipOwner } from './membership.ts';
import type { Readable } from './allowance.ts';
import type { About, Identity, SessionDepsOf } from './deps.ts';
import { PERSONAL_EVENTS } from './personal-events.ts';
import { readyFrame } from './ready.ts';
import { Removals } from './removals.ts';
import { tokenOf } from './token.ts';
import { createUser, type User } from './user.ts';
import { type Effect, type SessionEvent, type State, step } from './state.ts';
import { closeCodeOf, closeName, endEvent, refusalEvent } from './verdict.ts';

export type SessionDeps = SessionDepsOf<Session>;

/** Conversations in one `heads` frame; the rest has its turn next time. */
const HEADS = 500;

/** What comes with an event. */
interface Given {
  readonly deferred?: Deferred;
  readonly frame?: UpFrame;
  readonly error?: RpcError;
  readonly identity?: Identity;
  /** The token that was shown, or that the identity comes from. */
  readonly jwt?: string;
}

/**
 * One connection's session, whatever carries it. It feeds what happens into the table of state.ts and carries the
 * effects out; it holds no timer of its own (`sweep` is called every second for all).
 */
export class Session implements MembershipOwner {
  readonly sid: string;
  readonly sink: Sink;
  /** How many frames the connection may send. */
  framesPerConnection: Rate;
  /** Whether it wants to be told of conversations that it has not joined; decided when it opens. */
  inbox = false;
  /** From where it comes, for the audit log; empty where that is not known. */
  address = '';
  readonly #deps: SessionDeps;
  readonly #startedAt: number;
  #state: State = 'waiting';
  #user: User | undefined;
  /** The token that was accepted last, and its device. */
  #jwt: string | undefined;
  #clientId: string | undefined;
  #token: RpcToken | undefined;
  #reverifying = false;
  #expiresAt = Number.POSITIVE_INFINITY;
  #backlog: Backlog | undefined;
  #removals: Removals | undefined;
  /** When `received` last changed, and what it was. */
  #heardAt: number;
  #received: number | undefined;

  constructor(sid: string, sink: Sink, deps: SessionDeps) {
    this.sid = sid;
    this.sink = sink;
    this.#deps = deps;
    this.framesPerConnection = deps.framesPerConnection;
    this.#startedAt = deps.clock.monotonic();
    this.#heardAt = this.#startedAt;
    this.#received = sink.received;
  }

  get state(): State {
    return this.#state;
  }

  /** Empty until the session is ready; so are `tid` and `joins`. */
  get userId(): string {
    return this.#user?.identity.uid ?? '';
  }

  get tid(): string {
    return this.#user?.identity.tid ?? '';
  }

  get joins(): Joins | undefined {
    return this.#user?.joins;
  }

  /** The device that the newest token names, or else the first send. */
  get clientId(): string | undefined {
    return this.#clientId ?? this.#user?.commands.clientId;
  }

  /** What chat-services judge by what the session asks for. */
  get token(): RpcToken | undefined {
    return this.#token;
  }

  /** True while sends wait for their answer. */
  get busy(): boolean {
    return this.#user?.commands.busy === true;
  }

  get lagging(): boolean {
    return this.#user?.catchUp.lagging === true;
  }

  /** A token, from the URL or an auth frame. */
  authenticate(jwt: string, inbox?: boolean): void {
    if (this.#state === 'waiting') this.inbox = inbox ?? this.inbox;
    this.dispatch('auth', { jwt });
  }

  /** A frame of the client, but `auth`. */
  receive(frame: UpFrame): void {
    this.dispatch('frame', { frame });
  }

  /** So many bytes came, whatever they were. A user who sends too many is not read from for a while. */
  received(bytes: number, from: Readable): void {
    if (this.#state !== 'closed') this.#user?.allowance.received(bytes, from);
  }

  /** Keeps something that arrived while the token is being verified; `again` is called once it is. */
  defer(again: () => void, bytes: number): void {
    this.dispatch('frame', { deferred: { again, bytes } });
  }

  /** Answers a frame with an error instead of carrying it out, a `resume` with one for each conversation. */
  refuse(refusal: RpcError, about: About, frame?: UpFrame): void {
    if (frame?.t === 'send') this.#user?.commands.refuseSend(frame, refusal);
    else if (frame?.t === 'resume') for (const cid of Object.keys(frame.pos)) this.#error(refusal, { cid });
    else this.#error(refusal, about);
  }

  /** Lets something happen to the session. */
  dispatch(event: SessionEvent, given: Given = {}): void {
    const { to, effects } = step(this.#state, event);
    this.#state = to;
    for (const effect of effects) this.#carryOut(effect, event, given);
  }

  /** Looks after everything that time does to a session. To be called every second. */
  sweep(now: number, wallNow: number): void {
    if (this.#state === 'waiting' && now - this.#startedAt >= this.#deps.timing.authTimeoutMs)
      this.dispatch('authTimeout');
    if (wallNow >= this.#expiresAt) this.dispatch('expired');
    if (this.#isSilent(now)) this.dispatch('silent');
    if ((this.#user?.catchUp.behindMs ?? 0) >= this.#deps.timing.lagCloseMs) this.dispatch('tooFarBehind');
  }

  /** Tells where rooms stand that have been quiet since the last time, so that a client too can notice a loss. */
  tellHeads(): void {
    const cids: Record<string, [number, number]> = {};
    let count = 0;
    for (const membership of this.#user?.joins.memberships ?? []) {
      if (count === HEADS) break;
      const { room, seq, rev, seen, told, live } = membership;
      membership.seen = seq + rev;
      membership.told = live && seen === seq + rev;
      if (!membership.told || told) continue;
      cids[room.cid] = [seq, rev];
      count += 1;
    }
    if (count > 0) this.sink.send({ t: 'heads', cids });
  }

  /** Verifies the token again: the event that ends the session may have been lost. Without an answer nothing changes. */
  async reverify(): Promise<void> {
    const jwt = this.#jwt;
    if (jwt === undefined || this.#reverifying) return;
    this.#reverifying = true;
    const answer = await this.#deps.verifyAgain(jwt);
    this.#reverifying = false;
    if (!isRpcError(answer) && jwt === this.#jwt) this.#token = tokenOf(answer, this.#token);
    const end = isRpcError(answer) ? endEvent(answer.error) : undefined;
    // An answer about a token that was renewed meanwhile is void, and the sweep ends what has expired.
    const isOver = this.#deps.clock.now() >= this.#expiresAt - LIMITS.tokenLeewayMs;
    if (end !== undefined && jwt === this.#jwt && !isOver) this.dispatch(end);
  }

  /**
   * Something happened to a conversation of the user, by which its membership version became `access`. Rooms that are
   * joined tell it themselves; one that has heard of later changes sees to it whether a removal still holds.
   */
  onConv(cid: string, event: DownFrameOf<'conv'>['event'], access = Infinity): void {
    if (PERSONAL_EVENTS.has(event)) return this.sink.send({ t: 'conv', cid, event });
    const membership = this.#user?.joins.get(cid);
    const isEnd = event === 'removed' || event === 'deleted';
    const wasTold = this.#removals?.take(cid) === true && isEnd;
    if (wasTold || (membership !== undefined && (!isEnd || access < membership.room.access.version))) return;
    if (membership !== undefined) this.#user?.joins.drop(membership);
    this.sink.send({ t: 'conv', cid, event, ...(isEnd && { users: [this.userId] }) });
  }

  fellBehind(membership: Membership): void {
    const { joins, catchUp } = this.#user ?? {};
    if (joins !== undefined && catchUp?.fellBehind(membership, joins.memberships) === true) this.#deps.onLagging();
  }

  muted({ room }: Membership): void {
    this.#deps.typing.stop(this.sid, room.cid);
  }

  expelled(membership: Membership, event: 'removed' | 'deleted'): void {
    const { cid } = membership.room;
    this.#user?.joins.drop(membership);
    (this.#removals ??= new Removals()).add(cid);
    this.sink.send({ t: 'conv', cid, event, ...(event === 'removed' && { users: [this.userId] }) });
  }

  restarted(membership: Membership, head: number, epoch: number): void {
    const { cid } = membership.room;
    this.#user?.joins.drop(membership);
    this.sink.send({ t: 'error', code: 'cursor_ahead', msg: 'the history was replaced', cid, head, epoch });
  }

  #carryOut(effect: Effect, event: SessionEvent, given: Given): void {
    switch (effect.do) {
      case 'verify':
        return given.jwt === undefined ? undefined : void this.#verify(given.jwt);
      case 'keep':
        return given.deferred && this.#keep(given.deferred);
      case 'dispatch':
        return given.frame && this.#user?.commands.handle(given.frame);
      case 'welcome':
        return given.identity && this.#welcome(given.identity, given.jwt);
      case 'dispatchKept':
        return this.#dispatchKept();
      case 'error':
        return this.#error({ error: effect.code, msg: ERRORS[effect.code].title });
      case 'errorGiven':
        return given.error && this.#error(given.error);
      case 'bye': {
        const reconnectInMs = effect.reason === 'draining' ? this.#deps.reconnectInMs() : 0;
        return this.sink.send({ t: 'bye', reason: effect.reason, reconnectInMs });
      }
      case 'close':
        return this.sink.close(effect.code, closeName(effect.code));
      case 'closeGiven': {
        const code = closeCodeOf(given.error?.error ?? 'unavailable');
        return this.sink.close(code, closeName(code));
      }
      case 'release':
        return this.#release(event);
      default:
        effect satisfies never;
    }
  }

  async #verify(jwt: string): Promise<void> {
    const { verify, revocations } = this.#deps;
    const asksUnread = this.inbox && this.#user === undefined;
    let known = revocations.count;
    let answer = await verify(jwt, asksUnread);
    while (!isRpcError(answer) && revocations.affects(answer, known) && this.#state !== 'closed') {
      known = revocations.count;
      answer = await verify(jwt, asksUnread);
    }
    if (isRpcError(answer)) return this.dispatch(refusalEvent(answer.error), { error: answer });
    const { identity } = this.#user ?? {};
    if (identity !== undefined && (identity.uid !== answer.uid || identity.tid !== answer.tid)) {
      return this.dispatch('refused', { error: { error: 'unauthorized', msg: 'the token names another user' } });
    }
    const error = identity === undefined ? this.#deps.refusalToOpen?.(answer) : undefined;
    if (error !== undefined) return this.dispatch('unverified', { error });
    this.dispatch('opened', { identity: answer, jwt });
  }

  #keep(deferred: Deferred): void {
    this.#backlog ??= new Backlog();
    if (!this.#backlog.add(deferred)) this.dispatch('backlog');
  }

  #dispatchKept(): void {
    const deferred = this.#backlog?.frames ?? [];
    this.#backlog = undefined;
    for (const { again } of deferred) again();
  }

  #welcome(identity: Identity, jwt: string | undefined): void {
    this.#jwt = jwt;
    this.#clientId = identity.clientId ?? this.#clientId;
    this.#token = tokenOf(identity, this.#token);
    this.#expiresAt = identity.expiresAt + LIMITS.tokenLeewayMs;
    this.framesPerConnection = identity.framesPerConnection;
    const isNew = this.#user === undefined;
    this.#user ??= createUser(identity, this, this.#deps);
    this.sink.send(readyFrame(identity, this.sid, this.#deps.clock.now(), this.#deps.timing.heartbeatMs));
    if (isNew) this.#deps.onOpened(this);
  }

  #release(why: SessionEvent): void {
    this.#backlog = undefined;
    this.#user?.joins.close();
    this.#user?.catchUp.stop();
    this.#user?.commands.close();
    if (this.#user !== undefined) this.#deps.allowances.leave(this.userId);
    this.#deps.onClosed(this, why);
  }

  /** What may be tried again says when, whoever refused it (LIM-5). */
  #error({ error: code, msg, ...advice }: RpcError, about: About = {}): void {
    const retryAfterMs = advice.retryAfterMs ?? (ERRORS[code].retry === 'later' ? DEFAULT_RETRY_AFTER_MS : undefined);
    this.sink.send({ t: 'error', code, msg, ...about, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }

  #isSilent(now: number): boolean {
    const { received } = this.sink;
    if (received === undefined || received !== this.#received) this.#heardAt = now;
    this.#received = received;
    return now - this.#heardAt >= this.#deps.timing.deadPeerMs;
  }
}
