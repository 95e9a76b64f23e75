import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, deferred, type Random } from '@messagecore/kernel';
import {
  DEFAULT_RETRY_AFTER_MS,
  type DownFrame,
  type DownFrameOf,
  ERRORS,
  LIMITS,
  type UpFrameOf,
} from '@messagecore/protocol';
import type { Observation, ObservedEvent } from './check/history.ts';
import type { Person } from './population.ts';
import type { Recorder } from './recorder.ts';
import { openSocket, type ProtocolSocket } from './socket.ts';

export interface ObserverOptions {
  readonly person: Person;
  readonly cids: readonly string[];
  readonly gateways: readonly string[];
  /** Index of the gateway to begin at. */
  readonly firstGateway: number;
  /** Messages between two disconnections, on average; infinite for a steady observer. */
  readonly cutEvery: number;
  readonly random: Random;
  readonly recorder: Recorder;
}

interface Place {
  readonly events: ObservedEvent[];
  /** Last `seq` that came. */
  pos: number;
  epoch: number | undefined;
  /** When the present join was confirmed; infinite while it is not. */
  liveSince: number;
}

const LONGEST_ABSENCE_MS = 1_500;
const GIVE_UP_MS = 120_000;

/**
 * Joins every conversation from `seq` 0 and records all frames unchanged, in order of arrival: repeats, gaps and wrong order
 * are recorded as they are. It cuts its own connection at random and resumes from the last `seq` received, as it does when
 * the server closes it.
 */
export class Observer {
  readonly name: string;
  readonly #options: ObserverOptions;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #failed = deferred<never>();
  #socket: ProtocolSocket | undefined;
  #untilCut: number;
  #joinsOpen = 0;
  #joined = deferred();
  #stopped = false;
  #lastDelivery = performance.now();
  #longestPause = 0;

  constructor(options: ObserverOptions) {
    this.name = options.person.name;
    this.#options = options;
    const places = options.cids.map((cid): [string, Place] => [cid, newPlace()]);
    this.#places = new Map(places);
    this.#untilCut = this.#nextCut();
    // Nobody may be listening yet when it fails.
    this.#failed.promise.catch(() => {});
  }

  /** Settles when every conversation is joined. @throws Error when no gateway takes it for two minutes. */
  async start(): Promise<void> {
    await this.#connect(this.#options.firstGateway);
    await Promise.race([this.#joined.promise, this.#failed.promise]);
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }

  /** Never resolves; rejects when the observer cannot go on. */
  get failure(): Promise<never> {
    return this.#failed.promise;
  }

  get observations(): Observation[] {
    return [...this.#places].map(([cid, { events }]) => ({ observer: this.name, cid, events }));
  }

  position(cid: string): number {
    return this.#places.get(cid)?.pos ?? 0;
  }

  /** The longest time without a message since the last call, milliseconds. */
  takeLongestPause(): number {
    const pause = Math.max(this.#longestPause, performance.now() - this.#lastDelivery);
    this.#longestPause = 0;
    this.#lastDelivery = performance.now();
    return pause;
  }

  async #connect(choice: number): Promise<void> {
    const { gateways, person } = this.#options;
    const backoff = new Backoff({ minMs: 50, maxMs: 1_000, random: this.#options.random });
    const deadline = performance.now() + GIVE_UP_MS;
    for (let next = choice; ; next += 1) {
      const gateway = gateways[next % gateways.length] ?? '';
      try {
        this.#socket = await openSocket(gateway, person.token, {
          onFrame: (frame) => this.#take(frame),
          onClose: () => this.#gone(),
        });
        break;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(backoff.next());
      }
    }
    if (this.#stopped) this.#socket.close();
    else this.#resume(this.#socket);
  }

  #resume(socket: ProtocolSocket): void {
    const places = [...this.#places];
    this.#joinsOpen = places.length;
    for (let start = 0; start < places.length; start += LIMITS.resumeConversations) {
      const page = places.slice(start, start + LIMITS.resumeConversations);
      const pos = page.map(([cid, place]) => [cid, cursorOf(place)]);
      socket.send({ t: 'resume', pos: Object.fromEntries(pos) });
    }
  }

  #take(frame: DownFrame): void {
    if (frame.t === 'error') return this.#refused(frame);
    if (!('cid' in frame) || frame.cid === undefined) return;
    const place = this.#places.get(frame.cid);
    if (place === undefined) return;
    if (frame.t === 'message') this.#message(frame, place);
    else if (frame.t === 'joined') this.#join(frame, place);
    else if (frame.t === 'gap') place.events.push({ type: 'gap', from: frame.from, to: frame.to });
  }

  /** Joins that failed for a moment (a chat-service is away) are asked for again; anything else ends the replay. */
  #refused({ code, msg, cid, retryAfterMs }: DownFrameOf<'error'>): void {
    const place = cid === undefined ? undefined : this.#places.get(cid);
    if (cid === undefined || place === undefined || ERRORS[code].retry !== 'later') {
      this.#fail(new Error(`${this.name} got ${code}: ${msg}`));
      return;
    }
    const socket = this.#socket;
    void sleep(retryAfterMs ?? DEFAULT_RETRY_AFTER_MS).then(() => {
      if (this.#socket === socket) socket?.send({ t: 'resume', pos: { [cid]: cursorOf(place) } });
    });
  }

  #join({ head, epoch }: DownFrameOf<'joined'>, place: Place): void {
    place.events.push({ type: 'joined', since: place.pos, head });
    place.epoch = epoch;
    place.liveSince = performance.now();
    this.#joinsOpen -= 1;
    if (this.#joinsOpen === 0) this.#joined.resolve();
  }

  #message({ seq, mid, from, kind, body, replyTo, threadRoot }: DownFrameOf<'message'>, place: Place): void {
    const text = typeof body['text'] === 'string' ? body['text'] : undefined;
    place.events.push({ type: 'message', message: { seq, mid, from, kind, text, replyTo, threadRoot } });
    place.pos = seq;
    this.#options.recorder.delivered(mid, place.liveSince);
    const now = performance.now();
    this.#longestPause = Math.max(this.#longestPause, now - this.#lastDelivery);
    this.#lastDelivery = now;
    this.#untilCut -= 1;
    if (this.#untilCut > 0) return;
    this.#untilCut = this.#nextCut();
    this.#socket?.cut();
  }

  #gone(): void {
    this.#socket = undefined;
    for (const place of this.#places.values()) place.liveSince = Number.POSITIVE_INFINITY;
    if (this.#stopped) return;
    this.#options.recorder.observerReconnects += 1;
    const { random, gateways, cutEvery } = this.#options;
    // A steady observer comes back at once: its pause is the one that a user would see.
    const absence = Number.isFinite(cutEvery) ? random() * LONGEST_ABSENCE_MS : 0;
    const choice = Math.floor(random() * gateways.length);
    sleep(absence)
      .then(() => this.#connect(choice))
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failed.reject(error);
  }

  #nextCut(): number {
    const { cutEvery, random } = this.#options;
    return Number.isFinite(cutEvery) ? 1 + Math.floor(random() * 2 * cutEvery) : Number.POSITIVE_INFINITY;
  }
}

type Cursor = UpFrameOf<'resume'>['pos'][string];

/** Nothing is ever changed in a replay, so `rev` stays 0. */
function cursorOf({ pos, epoch }: Place): Cursor {
  return epoch === undefined ? [pos, 0] : [pos, 0, epoch];
}

const newPlace = (): Place => ({
  events: [],
  pos: 0,
  epoch: undefined,
  liveSince: Number.POSITIVE_INFINITY,
});
