/**
 * Sends that are not acknowledged yet.
 *
 * Invariant: inside one conversation messages are transmitted in the order they were added, and a message is never
 * transmitted while an earlier one of its conversation waits to be repeated: after a failure that passes, the
 * conversation falls silent until everything in flight is answered, then goes on from the earliest unacknowledged
 * message, one at first and twice as many with each success. A repeat carries the same `mid`, so the server stores it
 * once. Bounded in messages and bytes; at the bound `add` refuses and the caller still has the message.
 */
import { type Clock, type Deferred, deferred, type Timer } from '@messagecore/kernel';
import type { UpFrameOf } from './wire.ts';
import { ChatError, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';
import { bytesOf, type Largest } from './size.ts';

export interface Delivered {
  readonly seq: number;
}

export interface OutboxOptions {
  readonly clock: Clock;
  /** False, and nothing transmitted, unless online. */
  readonly transmit: (frame: UpFrameOf<'send'>) => boolean;
  /** Takes room for one and returns 0, or the milliseconds to wait. */
  readonly take?: () => number;
  readonly maxMessages: number;
  readonly maxBytes: number;
}

interface Entry {
  readonly order: number;
  readonly frame: UpFrameOf<'send'>;
  readonly bytes: number;
  readonly outcome: Deferred<Delivered>;
  /** When it was last transmitted. */
  sentAt: number;
}

/** One conversation. Maps keep the order of insertion, which is the order of sending. */
interface Lane {
  readonly waiting: Map<string, Entry>;
  readonly inFlight: Map<string, Entry>;
  /** Failed in a way that passes; they go before `waiting` once `inFlight` is empty. */
  readonly failed: Map<string, Entry>;
  pause: Timer | undefined;
  resumeAt: number;
  /** When the earliest message in flight was last answered. */
  answeredAt: number;
  /** Most messages in flight, after a failure. */
  window: number;
}

/** When the earliest message of a conversation has no answer for this long, everything in flight there is repeated. */
const ANSWER_TIMEOUT_MS = 30_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  #count = 0;
  #bytes = 0;
  #added = 0;
  #inFlight = 0;
  #window = Infinity;
  #frameBytes = Infinity;
  #online = false;
  #watch: Timer | undefined;
  /** Runs while there is no room in the rate that the server allows. */
  #pacing: Timer | undefined;
  #marked = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Messages that are not acknowledged yet. */
  get size(): number {
    return this.#count;
  }

  /** Takes a message. Throws `unavailable` at the bound and `too_large` for what no connection would carry. */
  add(frame: UpFrameOf<'send'>): Promise<Delivered> {
    const bytes = bytesOf(frame);
    if (bytes > this.#frameBytes) throw new ChatError('too_large');
    const { maxMessages, maxBytes } = this.#options;
    if (this.#count >= maxMessages || this.#bytes + bytes > maxBytes)
      throw new ChatError('unavailable', 'too many messages wait to be sent');

    const entry: Entry = { order: ++this.#added, frame, bytes, outcome: deferred<Delivered>(), sentAt: 0 };
    // Whoever does not look at the outcome must not crash on it.
    entry.outcome.promise.catch(() => undefined);
    const lane = this.#lane(frame.cid);
    lane.waiting.set(frame.mid, entry);
    this.#count += 1;
    this.#bytes += bytes;
    this.#pump(lane);
    return entry.outcome.promise;
  }

  /** A connection is ready: everything unacknowledged goes out again, in order. */
  online(limits: { readonly sendsInFlight: number; readonly frameBytes: number }): void {
    this.#online = true;
    this.#window = limits.sendsInFlight;
    this.#frameBytes = limits.frameBytes;
    this.#pumpAll();
  }

  /** The connection is gone: what was in flight has an unknown fate and will be repeated. */
  offline(): void {
    this.#online = false;
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#pacing?.cancel();
    this.#pacing = undefined;
    for (const lane of this.#lanes.values()) this.#takeBack(lane);
  }

  /** What waits by now belongs to the user of now. */
  mark(): void {
    this.#marked = this.#added;
  }

  /** The user of the mark will not come back: nobody else may send what they wrote. */
  abandon(error: ChatError): void {
    for (const lane of [...this.#lanes.values()])
      for (const entries of [lane.failed, lane.inFlight, lane.waiting])
        for (const [mid, { order, frame, outcome }] of [...entries]) {
          if (order > this.#marked) continue;
          this.#settle(frame.cid, mid);
          outcome.reject(error);
        }
  }

  /** Stored as `seq`: by an `ack`, or because the message itself came back. */
  stored(cid: string, mid: string, seq: number): void {
    const lane = this.#lanes.get(cid);
    if (lane !== undefined) lane.window *= 2;
    this.#settle(cid, mid)?.outcome.resolve({ seq });
  }

  /** Refused. What passes is tried again; anything else is final. */
  refused(cid: string, mid: string, error: ChatError): void {
    const lane = this.#lanes.get(cid);
    const entry = lane?.inFlight.get(mid);
    if (ERRORS[error.code].retry !== 'later') {
      this.#settle(cid, mid)?.outcome.reject(error);
      return;
    }
    // Late: it waits to be repeated already.
    if (lane === undefined || entry === undefined) return;
    this.#land(lane, mid);
    lane.failed.set(mid, entry);
    lane.window = 1;
    this.#pauseLane(lane, error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
    this.#pumpAll();
  }

  /** The largest message in flight. */
  get largest(): Largest | undefined {
    let largest: Entry | undefined;
    for (const lane of this.#lanes.values())
      for (const entry of lane.inFlight.values()) if (entry.bytes > (largest?.bytes ?? 0)) largest = entry;
    if (largest === undefined) return undefined;
    const { bytes, frame } = largest;
    return { bytes, refuse: () => this.refused(frame.cid, frame.mid, new ChatError('too_large')) };
  }

  /** Whether this message is still waiting for its acknowledgement. */
  has(cid: string, mid: string): boolean {
    const lane = this.#lanes.get(cid);
    return lane !== undefined && (lane.inFlight.has(mid) || lane.failed.has(mid) || lane.waiting.has(mid));
  }

  #lane(cid: string): Lane {
    const known = this.#lanes.get(cid);
    if (known !== undefined) return known;
    const lane: Lane = {
      waiting: new Map(),
      inFlight: new Map(),
      failed: new Map(),
      pause: undefined,
      resumeAt: 0,
      answeredAt: 0,
      window: Infinity,
    };
    this.#lanes.set(cid, lane);
    return lane;
  }

  #settle(cid: string, mid: string): Entry | undefined {
    const lane = this.#lanes.get(cid);
    const entry = lane?.inFlight.get(mid) ?? lane?.failed.get(mid) ?? lane?.waiting.get(mid);
    if (lane === undefined || entry === undefined) return undefined;
    const windowWasFull = this.#inFlight >= this.#window;
    this.#land(lane, mid);
    lane.failed.delete(mid);
    lane.waiting.delete(mid);
    this.#count -= 1;
    this.#bytes -= entry.bytes;
    if (lane.inFlight.size + lane.failed.size + lane.waiting.size === 0) {
      lane.pause?.cancel();
      this.#lanes.delete(cid);
    }
    if (windowWasFull) this.#pumpAll();
    else this.#pump(lane);
    return entry;
  }

  /** The message is not in flight any more: answered. */
  #land(lane: Lane, mid: string): void {
    const [earliest] = lane.inFlight.keys();
    if (!lane.inFlight.delete(mid)) return;
    this.#inFlight -= 1;
    if (mid === earliest) lane.answeredAt = this.#options.clock.monotonic();
  }

  #pumpAll(): void {
    for (const lane of [...this.#lanes.values()]) {
      if (this.#inFlight >= this.#window || this.#pacing !== undefined) return;
      this.#pump(lane);
    }
  }

  /** There is no room for this lane: when there is, the others have their turn before it. */
  #pumpAllIn(ms: number, cid: string, lane: Lane): void {
    this.#lanes.delete(cid);
    this.#lanes.set(cid, lane);
    this.#pacing = this.#options.clock.setTimeout(() => {
      this.#pacing = undefined;
      this.#pumpAll();
    }, ms);
  }

  #pump(lane: Lane): void {
    if (!this.#online || lane.pause !== undefined || this.#pacing !== undefined) return;
    if (lane.failed.size > 0) {
      if (lane.inFlight.size > 0) return;
      this.#takeBack(lane);
    }
    for (const [mid, entry] of lane.waiting) {
      if (this.#inFlight >= this.#window || lane.inFlight.size >= lane.window) return;
      const waitMs = this.#options.take?.() ?? 0;
      if (waitMs > 0) return this.#pumpAllIn(waitMs, entry.frame.cid, lane);
      lane.waiting.delete(mid);
      lane.inFlight.set(mid, entry);
      this.#inFlight += 1;
      entry.sentAt = this.#options.clock.monotonic();
      if (!this.#options.transmit(entry.frame)) return this.#takeBack(lane);
      this.#watchForAnswers();
    }
  }

  /** Everything unacknowledged waits again, in the order of sending. */
  #takeBack(lane: Lane): void {
    this.#inFlight -= lane.inFlight.size;
    const again = [...lane.failed.values(), ...lane.inFlight.values(), ...lane.waiting.values()];
    for (const entries of [lane.failed, lane.inFlight, lane.waiting]) entries.clear();
    for (const entry of again.sort((a, b) => a.order - b.order)) lane.waiting.set(entry.frame.mid, entry);
  }

  #pauseLane(lane: Lane, ms: number): void {
    const resumeAt = this.#options.clock.monotonic() + ms;
    if (lane.pause !== undefined && resumeAt <= lane.resumeAt) return;
    lane.pause?.cancel();
    lane.resumeAt = resumeAt;
    lane.pause = this.#options.clock.setTimeout(() => {
      lane.pause = undefined;
      this.#pump(lane);
    }, ms);
  }

  #watchForAnswers(): void {
    this.#watch ??= this.#options.clock.setTimeout(() => {
      this.#watch = undefined;
      if (this.#inFlight === 0) return;
      const overdue = this.#options.clock.monotonic() - ANSWER_TIMEOUT_MS;
      for (const lane of this.#lanes.values()) {
        const [earliest] = lane.inFlight.values();
        if (earliest !== undefined && Math.max(earliest.sentAt, lane.answeredAt) <= overdue) this.#takeBack(lane);
      }
      this.#pumpAll();
      this.#watchForAnswers();
    }, ANSWER_TIMEOUT_MS / 4);
  }
}
