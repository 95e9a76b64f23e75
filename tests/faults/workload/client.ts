/**
 * A client that keeps its side of the contract and nothing more: the SDK's own cursor and outbox over a raw WebSocket that
 * it opens again whenever it is lost. Everything that reaches it is written down as it came, before the cursor judges it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, createUlid, type Random, systemClock } from '@messagecore/kernel';
import {
  ChatError,
  decodeDown,
  type DownFrame,
  type DownFrameOf,
  encodeFrame,
  ERRORS,
  SUBPROTOCOLS,
  type UpFrame,
  type UpFrameOf,
} from '@messagecore/protocol';
import { pickInt, type TestUser } from '@messagecore/testkit';
import { WebSocket } from 'ws';
import { Outbox } from '../../../libs/sdk-js/src/outbox.ts';
import { Followed } from '../../simulation/actors/followed.ts';
import type { Recorder } from '../../simulation/actors/recorder.ts';
import type { Heads } from '../stored.ts';
import { Changes, POLL_OPTIONS } from './changes.ts';
import type { Complaints } from './complaints.ts';
import type { Load } from './load.ts';

export interface ClientOptions {
  readonly user: TestUser;
  readonly cids: readonly string[];
  readonly sockets: readonly string[];
  /** Which of them to begin at. */
  readonly home: number;
  readonly steady: boolean;
  readonly load: Load;
  readonly recorder: Recorder;
  readonly complaints: Complaints;
  readonly random: Random;
}

/** Shorter than the SDK's, so that what is measured is the product and not the patience of clients. */
const BACKOFF = { minMs: 50, maxMs: 1_000 };
const OPEN_TIMEOUT_MS = 3_000;
const PING_EVERY_MS = 1_000;
/** One message in so many is a poll. */
const POLL_EVERY = 20;
/** One message in so many gets all the replies. */
const ROOT_EVERY = 10;

export class Client {
  readonly name: string;
  readonly steady: boolean;
  readonly #options: ClientOptions;
  readonly #outbox: Outbox;
  readonly #followed: ReadonlyMap<string, Followed>;
  readonly #newMid = createUlid();
  readonly #backoff: Backoff;
  readonly #changes: Changes;
  /**
   * When the first copy of a send left that may still be under way: repeats share its outcome, also one over a new connection.
   */
  readonly #sentAt = new Map<string, number>();
  readonly #pulse: NodeJS.Timeout;
  #socket: WebSocket | undefined;
  #ready = false;
  #sessions = 0;
  #session = '';
  #heardAt = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  #calm = false;
  #stopped = false;
  #count = 0;
  #next: number;

  constructor(options: ClientOptions) {
    const { user, steady, cids, load, random, recorder } = options;
    this.name = user.name;
    this.steady = steady;
    this.#options = options;
    this.#next = options.home;
    this.#backoff = new Backoff({ ...BACKOFF, random });
    this.#changes = new Changes({ random, transmit: (frame) => this.#transmit(frame) });
    this.#outbox = new Outbox({
      clock: systemClock,
      transmit: (frame) => this.#transmitSend(frame),
      maxMessages: load.outbox,
      maxBytes: 8 * 1024 * 1024,
    });
    this.#followed = new Map(
      cids.map((cid) => [
        cid,
        new Followed({
          ...{ cid, uid: user.userId, clock: systemClock, recorder },
          transmit: (frame) => this.#transmit(frame),
          session: () => this.#session,
        }),
      ]),
    );
    // When this process was busy, what has come meanwhile is read before silence is judged.
    this.#pulse = setInterval(() => setImmediate(() => this.#beat()), PING_EVERY_MS / 2);
  }

  /** Sends that are not acknowledged yet. */
  get unsent(): number {
    return this.#outbox.size;
  }

  /** Connected, with every conversation joined. */
  get settled(): boolean {
    return this.#ready && [...this.#followed.values()].every(({ settled }) => settled);
  }

  /** It has everything of its conversations up to there. */
  hasReached(heads: Heads): boolean {
    return [...this.#followed.values()].every(({ cid, cursor: { since = 0, rev: known = 0, coveredRev } }) => {
      const { head, rev } = heads.get(cid) ?? { head: 0, rev: 0 };
      // A message that came with its last change is not told of it again.
      return since >= head && Math.max(known, coveredRev) >= rev;
    });
  }

  get online(): boolean {
    return this.#socket !== undefined && this.#ready;
  }

  connect(): void {
    if (this.#stopped || this.#socket !== undefined) return;
    const { sockets, user } = this.#options;
    const url = `${sockets[this.#next++ % sockets.length]}?token=${encodeURIComponent(user.token)}`;
    const socket = new WebSocket(url, [SUBPROTOCOLS.json], {
      perMessageDeflate: false,
      handshakeTimeout: OPEN_TIMEOUT_MS + this.#options.load.silenceMs,
    });
    this.#socket = socket;
    this.#session = `${this.name}#${(this.#sessions += 1)}`;
    this.#heardAt = performance.now();
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => this.#receive(decodeDown(data.toString(), 'json')));
    socket.on('close', () => this.#socket === socket && this.#lost());
  }

  /** Stops sending at random moments, cuts nothing more. */
  calm(): void {
    this.#calm = true;
    this.#cutAt = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#pulse);
    this.#outbox.offline();
    for (const followed of this.#followed.values()) followed.offline();
    this.#socket?.terminate();
  }

  send(cid: string): void {
    const { user, random, load } = this.#options;
    if (this.#outbox.size >= load.outbox) return;
    const words = `${user.name} says ${(this.#count += 1)} ${'x'.repeat(pickInt(random, 0, 120))}`;
    const isPoll = random() * POLL_EVERY < 1;
    const frame: UpFrameOf<'send'> = {
      ...{ t: 'send', cid, mid: this.#newMid(), clientId: user.name, at: Date.now() },
      ...(isPoll
        ? { kind: 'poll', body: { question: words, options: POLL_OPTIONS } }
        : { kind: 'text', body: { text: words }, ...this.#threadOf(cid) }),
    };
    this.#outbox.add(frame).then(
      ({ seq }) => isPoll || this.#changes.stored(cid, seq),
      () => {},
    );
  }

  /** Changes something at random. */
  change(cid: string): void {
    this.#changes.change(cid, this.#followed.get(cid)?.cursor.since ?? 0);
  }

  /** A reply to one of the last messages, so that several clients reply in one thread. */
  #threadOf(cid: string): { threadRoot?: number } {
    const { random, load } = this.#options;
    const { since: newest = 0 } = this.#followed.get(cid)?.cursor ?? {};
    if (newest === 0 || random() * load.replyEvery >= 1) return {};
    return { threadRoot: Math.max(1, newest - (newest % ROOT_EVERY)) };
  }

  #beat(): void {
    const now = performance.now();
    const { silenceMs } = this.#options.load;
    if (this.#socket === undefined) return;
    if (now - this.#heardAt > silenceMs || now > this.#cutAt) return this.#cut();
    if (this.#ready) this.#transmit({ t: 'ping', at: Date.now() });
  }

  /** Cuts the line without a word, and is gone at once. */
  #cut(): void {
    this.#socket?.terminate();
    this.#lost();
  }

  #lost(): void {
    this.#options.recorder.ended(this.#session);
    this.#socket = undefined;
    // The next connection may take longer to be ready than this one had left.
    this.#cutAt = Number.POSITIVE_INFINITY;
    this.#ready = false;
    this.#changes.disconnected();
    for (const followed of this.#followed.values()) followed.offline();
    this.#outbox.offline();
    this.#connectLater(this.#backoff.next());
  }

  #connectLater(ms: number): void {
    if (!this.#stopped) void sleep(ms).then(() => this.connect());
  }

  #transmit(frame: UpFrame): boolean {
    if (!this.#ready || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(encodeFrame(frame, 'json'));
    return true;
  }

  #transmitSend(frame: UpFrameOf<'send'>): boolean {
    if (!this.#ready || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#options.recorder.sent(this.#session, this.#options.user.userId, frame);
    if (!this.#sentAt.has(frame.mid)) this.#sentAt.set(frame.mid, performance.now());
    return this.#transmit(frame);
  }

  #receive(frame: DownFrame): void {
    this.#heardAt = performance.now();
    if (this.#stopped) return;
    switch (frame.t) {
      case 'ready':
        return this.#onReady(frame);
      case 'ack':
        this.#options.recorder.acknowledged(frame.mid, frame.pos);
        this.#sentAt.delete(frame.mid);
        return this.#outbox.stored(frame.cid, frame.mid, frame.pos);
      case 'error':
        return this.#onError(frame);
      case 'heads':
        for (const [cid, [head, rev]] of Object.entries(frame.cids)) this.#followed.get(cid)?.heads(head, rev);
        return;
      case 'bye': {
        const socket = this.#socket;
        void sleep(frame.reconnectInMs).then(() => this.#socket === socket && socket !== undefined && this.#cut());
        return;
      }
      case 'message':
        if (frame.kind === 'poll') this.#changes.sawPoll(frame.cid, frame.seq);
        return this.#followed.get(frame.cid)?.receive(frame);
      case 'joined':
      case 'update':
      case 'gap':
      case 'conv':
        return this.#followed.get(frame.cid)?.receive(frame);
      case 'result':
        return this.#changes.answered(frame.ref);
      case 'read':
      case 'typing':
      case 'presence':
      case 'event':
      case 'inbox':
      case 'pong':
        return;
      default:
        frame satisfies never;
    }
  }

  /** Everything goes on where it stood. */
  #onReady({ limits }: DownFrameOf<'ready'>): void {
    const { steady, load, random } = this.#options;
    this.#ready = true;
    this.#backoff.reset();
    if (!steady && !this.#calm) this.#cutAt = performance.now() + 2 * random() * load.cutEveryMs;
    const pos: UpFrameOf<'resume'>['pos'] = {};
    for (const followed of this.#followed.values()) {
      const position = followed.takePosition();
      if (position !== undefined) pos[followed.cid] = position;
    }
    this.#transmit({ t: 'resume', pos });
    this.#outbox.online(limits);
  }

  #onError(frame: DownFrameOf<'error'>): void {
    const { code, cid = '', ref, retryAfterMs, msg } = frame;
    const { complaints, recorder } = this.#options;
    // A change of a message that was recalled meanwhile is rightly refused.
    const isChange = Changes.isChange(ref);
    this.#changes.answered(ref);
    if (!isChange || ERRORS[code].retry === 'later') complaints.refused(`${this.#session} ${msg}`, code, retryAfterMs);
    if (isChange) return;
    if (ref === undefined) return this.#followed.get(cid)?.receive(frame);
    const at = performance.now();
    complaints.refusedSends.push({ client: this.name, cid, at, ageMs: at - (this.#sentAt.get(ref) ?? at) });
    this.#sentAt.delete(ref);
    if (ERRORS[code].retry !== 'later') recorder.refused(ref);
    const more = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.#outbox.refused(cid, ref, new ChatError(code, msg, more));
  }
}
