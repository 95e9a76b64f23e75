/**
 * A durable pull consumer of the stream: the server remembers how far a named group of processes got, and hands each
 * message to one of them until it is acknowledged.
 */
import { STREAM } from '@messagecore/protocol/bus';
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type NatsConnection,
  nanos,
} from 'nats';
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

/** How long the server is asked to wait for a message; then it is asked again. */
const WAIT_MS = 5_000;
/** How long it is asked for messages of which it has said that they are there: the least that the library takes. */
const COLLECT_MS = 1_000;
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
  const arrivals = new Arrivals(consumer, traced);
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

/**
 * Asks for one message, and when it has come, for what waits behind it. Nothing is asked for ahead of its use: what nobody
 * wants yet waits at the server, and comes together, in few packets, and not one by one.
 */
class Arrivals {
  readonly #consumer: Consumer;
  readonly #traced: boolean;
  #pull: ConsumerMessages | undefined;
  #stopped = false;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(consumer: Consumer, traced: boolean) {
    this.#consumer = consumer;
    this.#traced = traced;
  }

  next(max: number): Promise<readonly PulledMessage[]> {
    const taken = this.#next(max);
    this.#underWay = taken.catch(() => {});
    return taken;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // Its promise settles for who reads the messages, and never when they were read to the end.
    void this.#pull?.close();
    await this.#underWay;
  }

  async #next(max: number): Promise<readonly PulledMessage[]> {
    while (!this.#stopped) {
      const [first] = await this.#fetch(1, WAIT_MS);
      if (first === undefined) continue;
      const wanted = Math.min(max - 1, first.info.pending);
      const all = [first, ...(wanted > 0 ? await this.#fetch(wanted, COLLECT_MS) : [])];
      if (!this.#stopped) return all.map((message) => pulledMessage(message, this.#traced));
      for (const message of all) message.nak();
    }
    return [];
  }

  /** Ends early where the server has no more: another process may have taken the others. */
  async #fetch(max: number, expires: number): Promise<readonly JsMsg[]> {
    const fetched: JsMsg[] = [];
    this.#pull = await this.#consumer.fetch({ max_messages: max, expires });
    if (this.#stopped) void this.#pull.close();
    for await (const message of this.#pull) {
      fetched.push(message);
      if (message.info.pending === 0) break;
    }
    return fetched;
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
