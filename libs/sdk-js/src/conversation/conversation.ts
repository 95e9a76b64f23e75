/**
 * One conversation as the application holds it: followed for as long as it is wanted, over all connections, and the place
 * to send from.
 */
import { type Deferred, deferred } from '@messagecore/kernel';
import { ChatError, ERRORS } from '@messagecore/protocol/constants';
import { Emitter, type Listener, type Off } from '../emitter.ts';
import { type ConversationEvents, errorOf, type Reset } from '../events.ts';
import type { DownFrameOf, HistoryPage } from '../wire.ts';
import type { StartAt } from './cursor.ts';
import { Following } from './following.ts';
import type { ConversationPort, HistoryOptions, JoinOptions, Sending, SendOptions } from './port.ts';
import { Reading } from './reading.ts';
import { OwnTyping, TypingMarks } from './typing.ts';

/** Frames that belong to one conversation. */
export type ConversationFrame = DownFrameOf<
  'joined' | 'message' | 'update' | 'gap' | 'read' | 'typing' | 'conv' | 'result' | 'error'
>;

export class Conversation {
  readonly cid: string;
  readonly #port: ConversationPort;
  readonly #events = new Emitter<ConversationEvents>();
  readonly #following: Following;
  readonly #reading: Reading;
  readonly #ownTyping: OwnTyping;
  readonly #typing: TypingMarks;
  #wanted = false;
  /** This connection receives it. */
  #joined = false;
  #entered: Deferred<DownFrameOf<'joined'>> = newEntry();
  #refused = false;
  /** What of it belongs to the user who was signed in before `close`. */
  #marked: 'nothing' | 'position' | 'join' = 'nothing';

  /** @internal Conversations come from the client. */
  constructor(cid: string, port: ConversationPort) {
    this.cid = cid;
    this.#port = port;
    this.#following = new Following({
      cid,
      clock: port.clock,
      random: port.random,
      isWanted: () => this.#wanted,
      requestJoin: (withinMs) => port.requestJoin(cid, withinMs),
      unreadable: () => port.unreadable(),
      deliver: (delivery, since) => {
        this.#emit(delivery.t, delivery);
        if (delivery.t !== 'update') port.received(cid, since);
      },
    });
    this.#reading = new Reading({
      clock: port.clock,
      transmit: (pos, ref) => port.transmit({ t: 'read', cid, pos, ref }),
      requestTurn: () => {
        port.needed(cid, true);
        port.requestRead(cid);
      },
      settled: () => port.needed(cid, this.#isNeeded),
      me: () => port.me(),
    });
    this.#ownTyping = new OwnTyping(port.clock, (on) => {
      const mayGo = this.#joined && (!on || port.hasRoom());
      return mayGo && port.transmit({ t: 'typing', cid, on });
    });
    this.#typing = new TypingMarks(port.clock, (from, on) => this.#emit('typing', { t: 'typing', cid, from, on }));
  }

  /** The last message known to exist. */
  get head(): number {
    return this.#following.cursor.head;
  }

  /** The oldest message that the server still keeps. */
  get first(): number {
    return this.#following.cursor.first;
  }

  /** What was delivered so far: give it to `join` after a restart of the application. Undefined until first joined. */
  get position(): Required<StartAt> | undefined {
    const { since, rev, epoch } = this.#following.cursor;
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
      this.#following.startAt(startAt);
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

  /** Changes settle when the server has answered, see `Changes`. */
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
    this.#ownTyping.set(on);
  }

  /** A page of messages over REST, ascending. Needs `api`. */
  history(options: HistoryOptions = {}): Promise<HistoryPage> {
    return this.#port.history(this.cid, options);
  }

  /** @internal For the client: whether a join is to be sent, and its position; counts it as sent. */
  takeJoin(): StartAt | undefined {
    return this.#wanted ? this.#following.takeJoin() : undefined;
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
    if (this.#marked !== 'nothing') this.#following.startAt({});
    if (this.#marked === 'join') this.#refuse(error);
    this.#marked = 'nothing';
    this.#port.needed(this.cid, this.#isNeeded);
  }

  /** @internal For the client: where this stands, as far as known; undefined when it is not wanted. */
  get standing(): StartAt | undefined {
    const { since, rev, epoch } = this.#following.cursor;
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
    this.#following.stop();
    this.#ownTyping.forget();
    this.#reading.stop();
  }

  /** @internal For the client: what came for this conversation. */
  receive(frame: ConversationFrame): void {
    switch (frame.t) {
      case 'joined':
        return this.#onJoined(frame);
      case 'message':
        this.#following.receive(frame);
        return this.#typing.end(frame.from);
      case 'update':
      case 'gap':
        return this.#following.receive(frame);
      case 'read':
        this.#reading.note(frame.from, frame.pos);
        return this.#emit('read', frame);
      case 'typing':
        return this.#wanted ? this.#typing.heard(frame.from, frame.on) : undefined;
      case 'conv':
        return this.#onConv(frame);
      case 'result':
        return this.#reading.done(frame.ref, frame.pos);
      case 'error':
        return this.#onError(frame);
    }
  }

  /** @internal For the client: the server told where the conversation stands. */
  heads(head: number, rev: number): void {
    this.#following.heads(head, rev);
  }

  #onJoined(frame: DownFrameOf<'joined'>): void {
    if (!this.#wanted) return;
    if (!this.#following.joined(frame)) return this.#reset(frame);
    for (const [user, pos] of Object.entries(frame.reads ?? {})) this.#reading.note(user, pos);
    this.#joined = true;
    this.#entered.resolve(frame);
    this.#emit('joined', frame);
    this.#reading.start();
    this.#following.watch();
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
    const error = errorOf(frame);
    if (frame.ref !== undefined) return this.#reading.refused(frame.ref, error);
    if (!this.#wanted) return;
    const joining = this.#following.cursor.joins > 0;
    const { retry } = ERRORS[error.code];
    if (joining) this.#following.joinRefused();
    if (retry === 'rejoin') return this.#reset({ head: frame.head ?? 0, epoch: frame.epoch ?? 0 });
    if (retry === 'later') return joining ? this.#following.rejoin(error.retryAfterMs) : undefined;
    if (joining || error.code === 'not_member' || error.code === 'not_found') this.#refuse(error);
  }

  #reset({ head, epoch }: Pick<Reset, 'head' | 'epoch'>): void {
    this.#following.reset();
    this.#emit('reset', { cid: this.cid, head, epoch });
    this.#following.rejoin();
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
    this.#following.stop();
    this.#typing.endAll();
    this.#port.needed(this.cid, this.#reading.isPending);
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
