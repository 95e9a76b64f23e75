/**
 * One conversation as the application holds it: joins and re-joins from its cursor for as long as it is wanted, passes on
 * what the cursor lets through, and sends.
 *
 * A loss shows as a message out of turn, or as a head that stays ahead of the cursor; both end in a join from the
 * cursor, so the worst that a lost frame costs is time.
 */
import { type Deferred, deferred } from '@messagecore/kernel';
import type { DownFrameOf, HistoryPage } from '../wire.ts';
import { ChatError, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';
import { Emitter, type Listener, type Off } from '../emitter.ts';
import { type ConversationEvents, errorOf, type Reset } from '../events.ts';
import {
  type Cursor,
  disconnected,
  isBehind,
  joinRefused,
  joinSent,
  type Judgement,
  passOver,
  onGap,
  onHead,
  onJoined,
  onMessage,
  onUpdate,
  type StartAt,
  startCursor,
} from './cursor.ts';
import type { ConversationPort, HistoryOptions, JoinOptions, Sending, SendOptions } from './port.ts';
import { Pursuit } from './pursuit.ts';
import { Reading } from './reading.ts';
import { TYPING_EVERY_MS, TypingMarks } from './typing.ts';

/** Frames that belong to one conversation. */
export type ConversationFrame = DownFrameOf<
  'joined' | 'message' | 'update' | 'gap' | 'read' | 'typing' | 'conv' | 'error'
>;

export class Conversation {
  readonly cid: string;
  readonly #port: ConversationPort;
  readonly #events = new Emitter<ConversationEvents>();
  readonly #pursuit: Pursuit;
  readonly #reading: Reading;
  #cursor: Cursor = startCursor();
  #startAt: StartAt = {};
  #wanted = false;
  /** This connection receives it. */
  #joined = false;
  #entered: Deferred<DownFrameOf<'joined'>> = newEntry();
  #refused = false;
  #typingAt = -Infinity;
  readonly #typing: TypingMarks;
  /** The answered join: where it asked from, and frames of the connection that could not be read by then. */
  #replay: { readonly since: number; readonly unreadable: number } | undefined;
  /** Where something was missing when it was last asked for. */
  #missedAt: number | undefined;
  /** What of it belongs to the user who was signed in before `close`. */
  #marked: 'nothing' | 'position' | 'join' = 'nothing';

  /** @internal Conversations come from the client. */
  constructor(cid: string, port: ConversationPort) {
    this.cid = cid;
    this.#port = port;
    this.#pursuit = new Pursuit({
      clock: port.clock,
      random: port.random,
      rejoin: (withinMs) => {
        if (this.#passOver(this.#cursor.head)) return;
        this.#missedAt = this.#cursor.since;
        port.requestJoin(cid, withinMs);
      },
      unanswered: () => {
        this.#cursor = disconnected(this.#cursor);
      },
      behindAt: () =>
        this.#wanted && isBehind(this.#cursor) ? `${this.#cursor.since} ${this.#cursor.rev}` : undefined,
    });
    this.#reading = new Reading({
      clock: port.clock,
      random: port.random,
      transmit: (pos) => port.transmit({ t: 'read', cid, pos }),
      requestTurn: () => {
        port.needed(cid, true);
        port.requestRead(cid);
      },
      settled: () => port.needed(cid, this.#isNeeded),
      isTold: () => this.#wanted,
      me: () => port.me(),
    });
    this.#typing = new TypingMarks(port.clock, (from, on) => this.#emit('typing', { t: 'typing', cid, from, on }));
  }

  /** The last message known to exist. */
  get head(): number {
    return this.#cursor.head;
  }

  /** The oldest message that the server still keeps. */
  get first(): number {
    return this.#cursor.first;
  }

  /** What was delivered so far: give it to `join` after a restart of the application. Undefined until first joined. */
  get position(): Required<StartAt> | undefined {
    const { since, rev, epoch } = this.#cursor;
    return since === undefined || rev === undefined ? undefined : { since, rev, epoch };
  }

  /** How far each participant has read, as far as known. */
  get reads(): ReadonlyMap<string, number> {
    return this.#reading.positions;
  }

  /** Resolves when the conversation is first joined; rejects with a `ChatError` when that is refused for good. */
  get joined(): Promise<DownFrameOf<'joined'>> {
    return this.#entered.promise;
  }

  on<Name extends keyof ConversationEvents>(name: Name, listener: Listener<ConversationEvents[Name]>): Off {
    const off = this.#events.on(name, listener);
    this.#port.needed(this.cid, true);
    return () => {
      off();
      this.#port.needed(this.cid, this.#isNeeded);
    };
  }

  /** Receives the conversation until `leave`, over all reconnects. A position given anew moves the cursor. */
  join(startAt?: JoinOptions): this {
    if (this.#marked === 'join') this.#marked = 'position';
    if (this.#wanted && startAt === undefined) return this;
    if (startAt !== undefined) {
      this.#startAt = startAt;
      this.#cursor = { ...startCursor(startAt), joins: this.#cursor.joins };
      this.#replay = undefined;
      this.#marked = 'nothing';
    }
    if (this.#refused) this.#entered = newEntry();
    this.#refused = false;
    this.#wanted = true;
    this.#port.needed(this.cid, true);
    this.#port.requestJoin(this.cid);
    return this;
  }

  /** Receives nothing more, and need not be kept: the client forgets what nobody holds. */
  leave(): void {
    if (!this.#wanted) return this.#port.needed(this.cid, this.#reading.isPending);
    this.#quit();
    this.#port.transmit({ t: 'leave', cid: this.cid });
    this.#reading.start();
  }

  /** Sends a message, now or when there is a connection. Throws a `ChatError` when it cannot be taken. */
  send(body: Readonly<Record<string, unknown>>, options: SendOptions = {}): Sending {
    const sending = this.#port.send(this.cid, body, options);
    this.typing(false);
    return sending;
  }

  /** Changes settle when the server has had its say, see `Changes`. */
  edit(seq: number, body: Record<string, unknown>): Promise<void> {
    return this.#port.change({ t: 'edit', cid: this.cid, seq, body });
  }

  recall(seq: number): Promise<void> {
    return this.#port.change({ t: 'recall', cid: this.cid, seq });
  }

  react(seq: number, emoji: string, on = true): Promise<void> {
    return this.#port.change({ t: 'react', cid: this.cid, seq, emoji, on });
  }

  /** The user has read up to `pos`. Only ever moves forward; without a connection the last report goes out later. */
  read(pos: number): void {
    this.#reading.read(pos);
  }

  /** Call it with every key stroke: it sends as often as needed, and only while the conversation is joined. */
  typing(on: boolean): void {
    if (!this.#joined) return;
    const now = this.#port.clock.monotonic();
    if (on && now - this.#typingAt < TYPING_EVERY_MS) return;
    if (!on && this.#typingAt === -Infinity) return;
    if (on && !this.#port.hasRoom()) return;
    if (this.#port.transmit({ t: 'typing', cid: this.cid, on })) this.#typingAt = on ? now : -Infinity;
  }

  /** A page of messages over REST, ascending. Needs `api`. */
  history(options: HistoryOptions = {}): Promise<HistoryPage> {
    return this.#port.history(this.cid, options);
  }

  /** @internal For the client: whether a join is to be sent, and its position; counts it as sent. */
  takeJoin(): StartAt | undefined {
    if (!this.#wanted) return undefined;
    this.#replay = undefined;
    this.#cursor = joinSent(this.#cursor);
    this.#pursuit.asked();
    const { since, rev, epoch } = this.#cursor;
    return { since, rev, epoch };
  }

  /** @internal For the client: there is room for the report of how far the user has read. */
  takeRead(): void {
    this.#reading.report();
  }

  /** @internal For the client: from here on another user may sign in. */
  mark(): void {
    this.#marked = this.#wanted ? 'join' : 'position';
  }

  /** @internal For the client: the same user has signed in again. */
  unmark(): void {
    this.#marked = 'nothing';
  }

  /** @internal For the client: another user has signed in. What the one of the mark joined is left; where they stood is forgotten. */
  abandon(error: ChatError): void {
    this.#reading.forget();
    this.#typing.endAll();
    if (this.#marked !== 'nothing') {
      this.#cursor = startCursor();
      this.#startAt = {};
    }
    if (this.#marked === 'join') this.#refuse(error);
    this.#marked = 'nothing';
  }

  /** @internal For the client: where this stands, as far as known; undefined when it is not wanted. */
  get standing(): StartAt | undefined {
    const { since, rev, epoch } = this.#cursor;
    return this.#wanted ? { since, rev, epoch } : undefined;
  }

  /** @internal For the client. */
  online(): void {
    if (this.#wanted) this.#port.requestJoin(this.cid);
    else this.#reading.start();
  }

  /** @internal For the client. */
  offline(): void {
    this.#joined = false;
    this.#cursor = disconnected(this.#cursor);
    this.#typingAt = -Infinity;
    this.#replay = undefined;
    this.#pursuit.stop();
    this.#reading.stop();
  }

  /** @internal For the client: what came for this conversation. */
  receive(frame: ConversationFrame): void {
    switch (frame.t) {
      case 'joined':
        return this.#onJoined(frame);
      case 'message':
        return this.#onMessage(frame);
      case 'update':
        return this.#judged(onUpdate(this.#cursor, frame.seq, frame.rev), frame);
      case 'gap':
        return this.#onGap(frame);
      case 'read':
        return this.#onRead(frame);
      case 'typing':
        return this.#wanted ? this.#typing.heard(frame.from, frame.on) : undefined;
      case 'conv':
        return this.#onConv(frame);
      case 'error':
        return this.#onError(frame);
    }
  }

  /** @internal For the client: the server told where the conversation stands. */
  heads(head: number, rev: number): void {
    this.#cursor = onHead(this.#cursor, head, rev);
    this.#pursuit.watch();
  }

  #onJoined(frame: DownFrameOf<'joined'>): void {
    if (!this.#wanted) return;
    const { cursor, verdict } = onJoined(this.#cursor, frame);
    this.#answered(cursor);
    if (verdict === 'reset') return this.#reset(frame);
    for (const [user, pos] of Object.entries(frame.reads ?? {})) this.#reading.note(user, pos);
    this.#joined = true;
    this.#replay = { since: cursor.since ?? frame.head, unreadable: this.#port.unreadable() };
    this.#entered.resolve(frame);
    this.#emit('joined', frame);
    this.#reading.start();
    this.#pursuit.watch();
  }

  #onMessage(frame: DownFrameOf<'message'>): void {
    const { since } = this.#cursor;
    // In a replay only what could not be read is missing, since it comes in order over one connection.
    if (since !== undefined && frame.seq > since + 1) this.#passOver(frame.seq - 1);
    this.#judged(onMessage(this.#cursor, frame.seq), frame);
    this.#typing.end(frame.from);
  }

  /**
   * Goes on after messages that could not be read and were asked for once more in vain: a replay from here stands still
   * here, and as many frames as are missing could not be read since it began. Whether it did.
   */
  #passOver(to: number): boolean {
    const { since } = this.#cursor;
    const replay = this.#replay;
    if (since === undefined || since !== this.#missedAt || since !== replay?.since) return false;
    const missing = to - since;
    if (missing < 1 || this.#port.unreadable() - replay.unreadable < missing) return false;
    this.#cursor = passOver(this.#cursor, to);
    this.#pursuit.progress();
    this.#emit('gap', { t: 'gap', cid: this.cid, from: since + 1, to, reason: 'unreadable' });
    this.#port.received(this.cid, to);
    return true;
  }

  #judged({ cursor, verdict }: Judgement, frame: DownFrameOf<'message' | 'update' | 'gap'>): void {
    if (!this.#wanted) return;
    this.#cursor = cursor;
    if (verdict === 'rejoin') return this.#pursuit.rejoin();
    if (verdict !== 'deliver') return;
    this.#pursuit.progress();
    this.#emit(frame.t, frame);
    if (cursor.since !== undefined && frame.t !== 'update') this.#port.received(this.cid, cursor.since);
  }

  /** Of a gap that begins before the cursor, the application is told what it has not seen. */
  #onGap(frame: DownFrameOf<'gap'>): void {
    const from = Math.max(frame.from, (this.#cursor.since ?? 0) + 1);
    this.#judged(onGap(this.#cursor, frame.from, frame.to), { ...frame, from });
  }

  #onRead(frame: DownFrameOf<'read'>): void {
    this.#reading.note(frame.from, frame.pos);
    this.#emit('read', frame);
  }

  #onConv(frame: DownFrameOf<'conv'>): void {
    const me = this.#port.me();
    const concernsMe = me !== undefined && frame.users?.includes(me) === true;
    this.#emit('conv', frame);
    if (frame.event === 'removed' && concernsMe) this.#refuse(new ChatError('not_member'));
    if (frame.event === 'deleted') this.#refuse(new ChatError('not_found'));
  }

  /** Without a `ref`, an error answers a join, or tells that access is lost. */
  #onError(frame: DownFrameOf<'error'>): void {
    if (frame.ref !== undefined) return;
    const error = errorOf(frame);
    if (!this.#wanted) return this.#onReadRefused(error);
    const joining = this.#cursor.joins > 0;
    const { retry } = ERRORS[error.code];
    if (joining) this.#answered(joinRefused(this.#cursor));
    if (retry === 'rejoin') return this.#reset({ head: frame.head ?? 0, epoch: frame.epoch ?? 0 });
    if (retry === 'later') return joining ? this.#pursuit.rejoin(error.retryAfterMs) : undefined;
    if (joining || error.code === 'not_member' || error.code === 'not_found') this.#refuse(error);
  }

  /** Where nothing is joined, what is refused is the report of reading. */
  #onReadRefused(error: ChatError): void {
    if (ERRORS[error.code].retry === 'later') this.#reading.refused(error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
    else this.#reading.giveUp();
  }

  /** A join was answered, one way or the other. */
  #answered(cursor: Cursor): void {
    this.#cursor = cursor;
    if (cursor.joins === 0) this.#pursuit.answered();
  }

  #reset({ head, epoch }: Pick<Reset, 'head' | 'epoch'>): void {
    const { since, rev } = this.#startAt;
    const afresh = since === undefined ? {} : { since: 0, rev: rev === undefined ? undefined : 0 };
    this.#cursor = { ...startCursor(afresh), joins: this.#cursor.joins };
    this.#emit('reset', { cid: this.cid, head, epoch });
    this.#pursuit.rejoin();
  }

  #refuse(error: ChatError): void {
    this.#quit();
    this.#reading.giveUp();
    this.#refused = true;
    this.#entered.reject(error);
    this.#events.emit('refused', error);
  }

  #quit(): void {
    this.#wanted = false;
    this.#joined = false;
    this.#cursor = disconnected(this.#cursor);
    this.#pursuit.stop();
    this.#reading.stop();
    this.#typing.endAll();
    this.#replay = undefined;
    this.#port.needed(this.cid, false);
  }

  get #isNeeded(): boolean {
    return this.#wanted || this.#reading.isPending || this.#events.isHeard;
  }

  #emit<Name extends Exclude<keyof ConversationEvents, 'refused'>>(name: Name, event: ConversationEvents[Name]): void {
    this.#events.emit(name, event);
    this.#port.emit(name, event);
  }
}

/** A refusal that nobody waits for must not count as unhandled. */
function newEntry(): Deferred<DownFrameOf<'joined'>> {
  const entry = deferred<DownFrameOf<'joined'>>();
  entry.promise.catch(() => undefined);
  return entry;
}
