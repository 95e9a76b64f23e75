import { BoundedQueue, type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Bus, BusHeaders } from './bus.ts';
import { BusError } from './bus-error.ts';
import { type Silence, SilenceMeter } from './silence.ts';

/** Publications that wait for room in a window at most, unless another bound is given. */
export const MAX_WAITING = 16_384;

export interface PublisherOptions {
  /** Publications that wait for their acknowledgement at once. 1,024 when left out. */
  readonly window?: number;
  /** Bytes of those. 16 MiB when left out. A larger single payload goes alone. */
  readonly windowBytes?: number;
  /** Publications that wait for room in the window. `MAX_WAITING` and 64 MiB when left out. */
  readonly maxWaiting?: number;
  readonly maxWaitingBytes?: number;
  /** What has waited so long for room is rejected as `busy`. No bound when left out. */
  readonly maxWaitMs?: number;
  /** From being sent to being acknowledged. */
  readonly ackTimeoutMs: number;
  /**
   * When nothing was acknowledged for so long, publications no longer wait for room: they are sent without asking for an
   * acknowledgement, so that whoever listens gets them, and reject with `timeout`. One at a time is still asked for, until
   * the stream answers again. Never when left out.
   */
  readonly liveAfterMs?: number;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

export interface PublishAck {
  readonly streamSeq: number;
  /** The stream had this message id already. */
  readonly duplicate: boolean;
}

export interface Publisher {
  /**
   * Publishes into the stream that captures the subject and settles when the stream has it. Publications are sent in
   * the order of the calls. `msgId` makes repeats harmless inside the stream's window for duplicates.
   *
   * Rejects with a BusError; its `reason` tells what to do:
   * `no_responders` - no stream captures the subject and nobody listens: check the stream;
   * `timeout` - the same, or the stream is gone while somebody listens, or the server is slow: check the stream;
   * `disconnected` - the connection is down or broke; `busy` - too many wait already; `refused` - the stream said no.
   * After `timeout` and `disconnected` the message may be in the stream or not.
   */
  publish(subject: string, payload: Uint8Array | string, msgId: string, headers?: BusHeaders): Promise<PublishAck>;
  /** Publications sent and not yet acknowledged. */
  readonly inFlight: number;
  /** Publications that wait for room in the window. */
  readonly waiting: number;
  /** Undefined while the stream acknowledges, and while nothing has failed to be acknowledged. */
  readonly silence: Silence | undefined;
}

/**
 * Pipelined publication: acknowledgements come back on the connection's one reply inbox while the next publications are
 * on their way.
 *
 * Invariant: at most `window` publications and `windowBytes` bytes are in flight; the others wait in order, and only
 * while the window is full. Whatever is in flight or waiting when the connection breaks rejects at once.
 */
export function createPublisher(bus: Publishing, options: PublisherOptions): Publisher {
  return new PipelinedPublisher(bus, options);
}

type Publishing = Pick<Bus, 'ask' | 'connected' | 'publish'>;

interface Publication {
  /** By the monotonic clock. */
  readonly askedAt: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: BusHeaders;
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (error: ChatError) => void;
}

const MSG_ID = 'Nats-Msg-Id';
const encoder = new TextEncoder();

class PipelinedPublisher implements Publisher {
  readonly #bus: Publishing;
  readonly #window: number;
  readonly #windowBytes: number;
  readonly #ackTimeoutMs: number;
  readonly #maxWaitMs: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #queue: BoundedQueue<Publication>;
  #inFlight = 0;
  #inFlightBytes = 0;
  #sendingWaiting = false;
  readonly #liveAfterMs: number;
  readonly #meter: SilenceMeter;

  constructor(bus: Publishing, options: PublisherOptions) {
    this.#bus = bus;
    this.#window = options.window ?? 1_024;
    this.#windowBytes = options.windowBytes ?? 16 * 1024 * 1024;
    this.#ackTimeoutMs = options.ackTimeoutMs;
    this.#maxWaitMs = options.maxWaitMs ?? Infinity;
    this.#clock = options.clock ?? systemClock;
    this.#liveAfterMs = options.liveAfterMs ?? Number.POSITIVE_INFINITY;
    this.#meter = new SilenceMeter(this.#clock);
    this.#queue = new BoundedQueue({
      maxItems: options.maxWaiting ?? MAX_WAITING,
      maxBytes: options.maxWaitingBytes ?? 64 * 1024 * 1024,
      sizeOf: ({ payload }) => payload.length,
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get silence(): Silence | undefined {
    return this.#meter.silence;
  }

  publish(subject: string, payload: Uint8Array | string, msgId: string, headers?: BusHeaders): Promise<PublishAck> {
    return new Promise((resolve, reject) => {
      const publication: Publication = {
        askedAt: this.#clock.monotonic(),
        subject,
        payload: typeof payload === 'string' ? encoder.encode(payload) : payload,
        headers: { ...headers, [MSG_ID]: msgId },
        resolve,
        reject,
      };
      if (this.#isSilent) this.#sendWaiting();
      if (this.#queue.length === 0 && this.#hasRoomFor(publication)) this.#send(publication);
      else if (this.#bus.connected && this.#isSilent) this.#sendLive(publication);
      else if (!this.#bus.connected) reject(new BusError('disconnected', subject));
      else if (!this.#queue.push(publication)) reject(new BusError('busy', subject));
    });
  }

  get #isSilent(): boolean {
    return this.#meter.lastsMs >= this.#liveAfterMs;
  }

  #hasRoomFor({ payload }: Publication): boolean {
    if (this.#inFlight === 0) return true;
    if (this.#isSilent) return false;
    return this.#inFlight < this.#window && this.#inFlightBytes + payload.length <= this.#windowBytes;
  }

  #send({ subject, payload, headers, resolve, reject }: Publication): void {
    this.#inFlight += 1;
    this.#inFlightBytes += payload.length;
    this.#meter.asked();
    const leave = () => {
      this.#inFlight -= 1;
      this.#inFlightBytes -= payload.length;
      this.#sendWaiting();
    };
    this.#bus.ask(
      subject,
      payload,
      { headers, timeoutMs: this.#ackTimeoutMs },
      {
        answered: (answer) => {
          const ack = readAck(answer);
          if (typeof ack === 'string') {
            this.#meter.failed();
            reject(new BusError('refused', subject, ack));
          } else {
            this.#meter.answered();
            resolve(ack);
          }
          leave();
        },
        failed: (error) => {
          this.#noteFailure(error);
          reject(error);
          leave();
        },
      },
    );
  }

  #noteFailure(error: ChatError): void {
    const reason = error instanceof BusError ? error.reason : undefined;
    if (reason === 'timeout' || reason === 'no_responders' || reason === 'refused') return this.#meter.failed();
    this.#meter.notSent();
    if (reason === 'disconnected') this.#meter.reset();
  }

  /** Whoever listens gets it; whether the stream does is not known. */
  #sendLive({ subject, payload, headers, reject }: Publication): void {
    try {
      this.#bus.publish(subject, payload, { headers });
      reject(new BusError('timeout', subject));
    } catch (error) {
      reject(error instanceof ChatError ? error : new BusError('refused', subject, error));
    }
  }

  #hasWaitedTooLong({ askedAt }: Publication): boolean {
    return this.#clock.monotonic() - askedAt > this.#maxWaitMs;
  }

  /** A bus that is down fails what it is given at once, which calls this from within: the loop goes on instead. */
  #sendWaiting(): void {
    if (this.#sendingWaiting) return;
    this.#sendingWaiting = true;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (this.#isSilent && !this.#hasRoomFor(next)) this.#sendLive(this.#queue.shift() ?? next);
      else if (!this.#hasRoomFor(next)) break;
      else if (this.#hasWaitedTooLong(next)) this.#queue.shift()?.reject(new BusError('busy', next.subject));
      else this.#send(this.#queue.shift() ?? next);
    }
    this.#sendingWaiting = false;
  }
}

interface RawAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly description?: string };
}

const decoder = new TextDecoder();

/** What the stream says, or why it is no acknowledgement: the stream's error, or words of somebody else. */
function readAck(answer: Uint8Array): PublishAck | string {
  try {
    const { seq, duplicate = false, error } = JSON.parse(decoder.decode(answer)) as RawAck;
    // A refusal has a `seq` as well, which is 0.
    if (error !== undefined || seq === undefined || seq < 1) return error?.description ?? 'not an acknowledgement';
    return { streamSeq: seq, duplicate };
  } catch {
    return 'not an acknowledgement';
  }
}
