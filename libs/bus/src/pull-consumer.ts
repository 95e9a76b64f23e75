/**
 * A durable pull consumer of the stream: the server remembers how far a named group of processes got, and hands each
 * message to one of them until it is acknowledged.
 */
import { STREAM } from '@messagecore/protocol/bus';
import { type Deferred, deferred } from '@messagecore/kernel';
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg, type NatsConnection, nanos } from 'nats';
import { BusError } from './bus-error.ts';

export interface PullConsumerOptions {
  /** Shared by all processes that divide the work. Letters, digits, `-` and `_`. */
  readonly name: string;
  /** Of which messages; wildcards work. */
  readonly subject: string;
  /** A message that is not acknowledged for so long is handed out again. */
  readonly ackWaitMs: number;
  /** Messages handed out and not yet acknowledged, over all processes. */
  readonly maxUnacknowledged?: number;
  /** Whether headers that continue traces are read. */
  readonly traced?: boolean;
}

export interface PulledMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Its number in the stream. */
  readonly streamSeq: number;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
  /** The header of that name, where the consumer asked for it. */
  readonly traceparent: string | undefined;
  /** It is done. */
  acknowledge(): void;
  /** Hand it out again after so many milliseconds. */
  retry(afterMs: number): void;
}

export interface PullConsumerState {
  /** The stream: its identity (see `StreamState`), the first message that it still has, the last one. */
  readonly streamCreatedAt: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Every message up to here is acknowledged. */
  readonly acknowledgedSeq: number;
  /** Messages that are not handed out yet, and those that are and wait for their acknowledgement. */
  readonly waiting: number;
  readonly unacknowledged: number;
}

export interface PullConsumer {
  /**
   * Waits for a message; then everything that is here already, up to `max`. Empty after `stop`. Rejects with a BusError
   * when the consumer or its stream is gone: open it anew.
   */
  next(max: number): Promise<readonly PulledMessage[]>;
  /** @throws BusError */
  state(): Promise<PullConsumerState>;
  /**
   * Takes no more messages. What `next` has not given out goes to another process at once; what it has given out and is
   * not acknowledged, or was on its way, when its time is over.
   */
  stop(): Promise<void>;
}

/** Messages that are asked of the server ahead of their use: what a process holds in memory, a few MiB at the most. */
const AHEAD = 512;
const MAX_UNACKNOWLEDGED = 4_096;

/** Makes the consumer on the server if it is not there, starting with the oldest message. @throws BusError */
export async function openPullConsumer(
  connection: NatsConnection,
  { name, subject, ackWaitMs, maxUnacknowledged = MAX_UNACKNOWLEDGED, traced = false }: PullConsumerOptions,
): Promise<PullConsumer> {
  const what = `consumer ${name}`;
  const manager = await orBusError(what, () => connection.jetstreamManager({ checkAPI: false }));
  await orBusError(what, () =>
    manager.consumers.add(STREAM, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      filter_subject: subject,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxUnacknowledged,
      max_deliver: -1,
    }),
  );
  const consumer = await orBusError(what, () => connection.jetstream().consumers.get(STREAM, name));
  const settings = { max_messages: AHEAD, expires: 5_000, abort_on_missing_resource: true };
  const arrivals = new Arrivals(await orBusError(what, () => consumer.consume(settings)), traced);
  return {
    next: (max) => orBusError(what, () => arrivals.next(max)),
    stop: () => arrivals.stop(),
    state: () =>
      orBusError(what, async () => {
        // In this order: a consumer for which nothing waits has handled whatever the stream held before.
        const stream = await manager.streams.info(STREAM);
        const info = await consumer.info();
        return {
          streamCreatedAt: stream.created,
          firstSeq: stream.state.first_seq,
          lastSeq: stream.state.last_seq,
          acknowledgedSeq: info.ack_floor.stream_seq,
          waiting: info.num_pending,
          unacknowledged: info.num_ack_pending,
        };
      }),
  };
}

/** What has arrived and nobody has taken yet. The client library asks for more as this is emptied. */
class Arrivals {
  readonly #source: ConsumerMessages;
  readonly #traced: boolean;
  readonly #messages: PulledMessage[] = [];
  #arrived: Deferred<void> = deferred();
  /** Open while there is no room. */
  #room: Deferred<void> = deferred();
  readonly #collecting: Promise<void>;
  #ended = false;
  #error: unknown;

  constructor(source: ConsumerMessages, traced: boolean) {
    this.#source = source;
    this.#traced = traced;
    this.#collecting = this.#collect();
  }

  async next(max: number): Promise<readonly PulledMessage[]> {
    while (this.#messages.length === 0 && !this.#ended) {
      this.#arrived = deferred();
      await this.#arrived.promise;
    }
    if (this.#messages.length === 0 && this.#error !== undefined) throw this.#error;
    const taken = this.#messages.splice(0, max);
    this.#room.resolve();
    return taken;
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#source.close();
    await this.#collecting;
    for (const message of this.#messages.splice(0)) message.retry(0);
  }

  async #collect(): Promise<void> {
    try {
      for await (const message of this.#source) {
        this.#messages.push(pulledMessage(message, this.#traced));
        this.#arrived.resolve();
        // The library asks the server for more as this loop goes on: not before what is here is taken.
        while (this.#messages.length >= AHEAD && !this.#ended) {
          this.#room = deferred();
          await this.#room.promise;
        }
      }
    } catch (error) {
      this.#error = error;
    }
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#arrived.resolve();
    this.#room.resolve();
  }
}

function pulledMessage(message: JsMsg, traced: boolean): PulledMessage {
  return {
    subject: message.subject,
    // Copies: the client library writes what comes next over the same memory.
    payload: message.data.slice(),
    streamSeq: message.info.streamSequence,
    deliveries: message.info.redeliveryCount,
    traceparent: traced ? message.headers?.get('traceparent') || undefined : undefined,
    acknowledge: () => message.ack(),
    retry: (afterMs) => message.nak(afterMs),
  };
}

async function orBusError<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof BusError ? error : new BusError('refused', what, error);
  }
}
