/**
 * A client that keeps its side of the contract and nothing more: the SDK's own cursor and outbox, on a connection that it
 * opens again whenever it is lost. Everything that reaches it is written down as it came, before the cursor judges it.
 */
import { Backoff, createUlid } from '@messagecore/kernel';
import {
  ChatError,
  type DownFrame,
  type DownFrameOf,
  type Encoding,
  ERRORS,
  LIMITS,
  type UpFrame,
  type UpFrameOf,
} from '@messagecore/protocol';
import type { Cursor } from '../../../libs/sdk-js/src/conversation/cursor.ts';
import { Outbox } from '../../../libs/sdk-js/src/outbox.ts';
import type { Pace } from '../engine/link.ts';
import { Process } from '../engine/process.ts';
import type { Simulator } from '../engine/simulator.ts';
import { type ConversationFrame, Followed } from './followed.ts';
import type { Gateway } from './gateway.ts';
import type { Recorder } from './recorder.ts';
import { tokenOf } from './tokens.ts';
import { Wire } from './wire.ts';

export interface ClientOptions {
  readonly simulator: Simulator;
  readonly recorder: Recorder;
  readonly name: string;
  readonly tid: string;
  readonly uid: string;
  readonly encoding: Encoding;
  readonly byteFactor: number;
  readonly pace: () => Pace;
  /** A gateway to connect to; undefined when none accepts connections. */
  readonly pickGateway: () => Gateway | undefined;
}

const BACKOFF = { minMs: 500, maxMs: 8_000 };
/** The gateway pings every 15 s; a connection without data for longer is dead. */
const SILENCE_MS = 2 * LIMITS.heartbeatMs;

/** How long a gateway keeps a send: behind a request that is not answered, and then in one of its own (IDM-9). */
const HELD_MS = 11_000;

export class Client {
  readonly process: Process;
  readonly uid: string;
  readonly #options: ClientOptions;
  readonly #recorder: Recorder;
  readonly #outbox: Outbox;
  readonly #backoff: Backoff;
  readonly #newMid: () => string;
  readonly #followed = new Map<string, Followed>();
  /** Last own messages, by conversation: what it may edit. */
  readonly #own = new Map<string, number>();
  /** The connection that last carried a send, and when. */
  readonly #carriers = new Map<string, { readonly wire: Wire; readonly at: number }>();
  /** Sends that went out again while an earlier copy could still be carried out: a refusal says nothing of that one (IDM-9). */
  readonly #overtaken = new Set<string>();
  #wire: Wire | undefined;
  #session = '';
  #sessions = 0;
  #ready = false;
  #heardAt = 0;
  #reading = true;
  #count = 0;

  constructor(options: ClientOptions) {
    const { simulator, name } = options;
    this.#options = options;
    this.uid = options.uid;
    this.process = new Process(simulator, name);
    this.#recorder = options.recorder;
    const { clock, chance } = this.process;
    this.#backoff = new Backoff({ ...BACKOFF, random: chance.random });
    this.#newMid = createUlid({ clock, random: chance.random });
    this.#outbox = new Outbox({
      clock,
      transmit: (frame) => this.#transmitSend(frame),
      maxMessages: 10_000,
      maxBytes: 1024 * 1024,
    });
    this.#watchSilence();
  }

  get online(): boolean {
    return this.#ready;
  }

  get unsent(): number {
    return this.#outbox.size;
  }

  /** Its position in a conversation that it follows and has joined. */
  position(cid: string): Cursor | undefined {
    const followed = this.#followed.get(cid);
    return followed?.settled === true ? followed.cursor : undefined;
  }

  connect(): void {
    if (this.#wire !== undefined) return;
    const gateway = this.#options.pickGateway();
    if (gateway === undefined) return this.#connectLater(this.#backoff.next());
    const { tid, uid, encoding, pace, byteFactor } = this.#options;
    this.#session = `${this.process.name}#${(this.#sessions += 1)}`;
    this.#heardAt = this.process.clock.monotonic();
    this.#note(() => `connects to ${gateway.process.name}`);
    const wire: Wire = new Wire({
      client: this.process,
      gateway: gateway.process,
      encoding,
      token: tokenOf(tid, uid, this.process.name),
      pace,
      byteFactor,
      end: {
        frame: (frame) => this.#wire === wire && this.#receive(frame),
        alive: () => void (this.#heardAt = this.process.clock.monotonic()),
        closed: () => this.#wire === wire && this.#lost(),
      },
    });
    this.#wire = wire;
    wire.read(this.#reading);
    this.#options.simulator.after(1, () => gateway.process.enter(() => gateway.accept(wire)));
  }

  /** The connection breaks. `silently`: the gateway is not notified. */
  cut(silently: boolean): void {
    this.#wire?.drop({ silently });
    if (this.#wire !== undefined) this.#lost();
  }

  /** Reads nothing for so long. */
  lag(ms: number): void {
    this.#read(false);
    this.process.clock.setTimeout(() => this.#read(true), ms);
  }

  send(cid: string): void {
    const body = { text: `${this.process.name} says ${(this.#count += 1)}` };
    const mid = this.#newMid();
    const { clock, name } = this.process;
    const frame: UpFrameOf<'send'> = {
      ...{ t: 'send', cid, mid, clientId: name, kind: 'text', body },
      at: Math.trunc(clock.now()),
    };
    this.#outbox.add(frame).then(
      ({ seq }) => this.#own.set(cid, seq),
      () => {},
    );
  }

  edit(cid: string): void {
    const seq = this.#own.get(cid);
    const ref = `edit ${(this.#count += 1)}`;
    if (seq !== undefined) this.#transmit({ t: 'edit', cid, seq, body: { text: `edited, ${this.#count}` }, ref });
  }

  react(cid: string, on: boolean): void {
    const since = this.#followed.get(cid)?.cursor.since ?? 0;
    const seq = since - (this.#count % 3);
    const ref = `react ${(this.#count += 1)}`;
    if (seq > 0) this.#transmit({ t: 'react', cid, seq, emoji: '👍', on, ref });
  }

  /** Follows the conversation, from the beginning or from its last position. */
  follow(cid: string): void {
    const followed = this.#followed.get(cid) ?? this.#begin(cid);
    followed.ensure();
  }

  rewind(cid: string, back: number): void {
    if (this.#ready) this.#followed.get(cid)?.rewind(back);
  }

  leave(cid: string): void {
    const followed = this.#followed.get(cid);
    if (followed?.settled !== true) return;
    followed.close();
    this.#followed.delete(cid);
    this.#transmit({ t: 'leave', cid });
  }

  #begin(cid: string): Followed {
    const followed = new Followed({
      ...{ cid, uid: this.uid, clock: this.process.clock, recorder: this.#recorder },
      transmit: (frame) => this.#transmit(frame),
      session: () => this.#session,
    });
    this.#followed.set(cid, followed);
    return followed;
  }

  #read(reading: boolean): void {
    this.#note(() => (reading ? 'reads again' : 'stops reading'));
    this.#reading = reading;
    this.#wire?.read(reading);
  }

  #watchSilence(): void {
    this.process.clock.setTimeout(() => {
      const silent = this.process.clock.monotonic() - this.#heardAt;
      if (this.#wire !== undefined && this.#reading && silent > SILENCE_MS) this.cut(true);
      this.#watchSilence();
    }, SILENCE_MS / 4);
  }

  #connectLater(ms: number): void {
    this.process.clock.setTimeout(() => this.connect(), ms);
  }

  #lost(): void {
    this.#note(() => 'has lost its connection');
    this.#recorder.ended(this.#session);
    this.#wire = undefined;
    this.#ready = false;
    for (const followed of this.#followed.values()) followed.offline();
    this.#outbox.offline();
    this.#connectLater(this.#backoff.next());
  }

  #transmit(frame: UpFrame): boolean {
    if (!this.#ready) return false;
    this.#note(() => `> ${JSON.stringify(frame)}`);
    this.#wire?.send(frame);
    return true;
  }

  #transmitSend(frame: UpFrameOf<'send'>): boolean {
    if (!this.#ready) return false;
    const { now } = this.#options.simulator;
    const earlier = this.#carriers.get(frame.mid);
    if (earlier !== undefined && earlier.wire !== this.#wire && (!earlier.wire.over || now - earlier.at < HELD_MS)) {
      this.#overtaken.add(frame.mid);
    }
    if (this.#wire !== undefined) this.#carriers.set(frame.mid, { wire: this.#wire, at: now });
    this.#recorder.sent(this.#session, this.uid, frame);
    return this.#transmit(frame);
  }

  #receive(frame: DownFrame): void {
    this.#note(() => `< ${JSON.stringify(frame)}`);
    switch (frame.t) {
      case 'ready':
        return this.#onReady(frame);
      case 'ack':
        this.#recorder.acknowledged(frame.mid, frame.pos);
        return this.#outbox.stored(frame.cid, frame.mid, frame.pos);
      case 'error':
        return frame.ref === undefined ? this.#route(frame) : this.#onRefusal(frame);
      case 'heads':
        for (const [cid, [head, rev]] of Object.entries(frame.cids)) this.#followed.get(cid)?.heads(head, rev);
        return;
      case 'bye':
        this.#note(() => 'is sent away');
        this.process.clock.setTimeout(() => this.cut(false), frame.reconnectInMs);
        return;
      case 'joined':
      case 'message':
      case 'update':
      case 'gap':
      case 'conv':
        return this.#route(frame);
      case 'result':
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

  #route(frame: ConversationFrame): void {
    if (frame.cid !== undefined) this.#followed.get(frame.cid)?.receive(frame);
  }

  /** The first `ready` of a connection: resumes all conversations. */
  #onReady({ limits }: DownFrameOf<'ready'>): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#backoff.reset();
    const pos: Record<string, [number, number, number?]> = {};
    for (const followed of this.#followed.values()) {
      const position = followed.takePosition();
      if (position !== undefined) pos[followed.cid] = position;
    }
    if (Object.keys(pos).length > 0) this.#transmit({ t: 'resume', pos });
    this.#outbox.online(limits);
  }

  #onRefusal({ code, cid = '', ref = '', retryAfterMs, msg }: DownFrameOf<'error'>): void {
    if (ERRORS[code].retry !== 'later' && !this.#overtaken.has(ref)) this.#recorder.refused(ref);
    const more = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.#outbox.refused(cid, ref, new ChatError(code, msg, more));
  }

  #note(what: () => string): void {
    this.#options.simulator.note(this.process.name, what);
  }
}
