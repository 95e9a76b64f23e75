/** The interface of the bus. Nothing here is specific to NATS. */
import type { ChatError } from '@messagecore/protocol';
import type { PullConsumer, PullConsumerOptions } from './pull-consumer.ts';

export type Payload = Uint8Array | string;

/** Header names and values that travel beside a payload, for tracing. */
export type BusHeaders = Readonly<Record<string, string>>;

/** Reads one header of a received message; undefined when it has none of that name. */
export type HeaderReader = (name: string) => string | undefined;

export interface PublishOptions {
  readonly headers?: BusHeaders;
}

export interface RequestOptions extends PublishOptions {
  readonly timeoutMs: number;
}

/** Called exactly once with the outcome of a request. */
export interface Waiter {
  answered(payload: Uint8Array): void;
  failed(error: ChatError): void;
}

/**
 * Called for each message in the order in which the server sent them. The payload may be a view of a larger network
 * buffer: what is kept for long should be copied. What it throws is logged.
 */
export type MessageHandler = (payload: Uint8Array, subject: string, header: HeaderReader) => void;

/**
 * Answers a request. Handlers of one service run concurrently. A `ChatError` that it throws reaches the requester with
 * its code; anything else is logged and reaches it as `internal`.
 */
export type RequestHandler = (payload: Uint8Array, header: HeaderReader) => Promise<Payload>;

export interface ServeOptions {
  /** Requests handled at once; more are answered `unavailable`. 1,024 when left out. */
  readonly maxConcurrent?: number;
}

export interface Subscription {
  /** Ends it at once; messages on their way are not delivered any more. */
  unsubscribe(): void;
}

export interface Service {
  /** Takes no new requests, then settles when those taken are answered. Never rejects. */
  stop(): Promise<void>;
}

export type BusStatus = 'connected' | 'disconnected' | 'reconnected';

export interface Bus {
  readonly connected: boolean;

  /** Of the server that the connection leads, or last led, to. */
  readonly serverVersion: string;

  /**
   * Sends at most once and without waiting. False when it was dropped because the connection is down or has too much
   * unsent; nothing is kept for later. @throws ChatError `too_large`
   */
  publish(subject: string, payload: Payload, options?: PublishOptions): boolean;

  /** Receives from now on, over every reconnection (what is sent meanwhile is lost). Wildcards `*` and `>` work. */
  subscribe(subject: string, handler: MessageHandler): Subscription;

  /**
   * Asks one of those who serve the subject. Rejects with the ChatError of the handler, or with a BusError
   * (`unavailable`) at once when nobody serves it or the connection breaks, and after `timeoutMs` without an answer. After
   * a time-out or a break the request may still have been carried out.
   */
  request(subject: string, payload: Payload, options: RequestOptions): Promise<Uint8Array>;

  /** `request` for frequent callers: calls `waiter` instead of creating promises. Throws nothing. */
  ask(subject: string, payload: Payload, options: RequestOptions, waiter: Waiter): void;

  /** Serves a subject, sharing it with all others in the same queue group; without one, answering whatever comes. */
  serve(subject: string, queue: string | undefined, handler: RequestHandler, options?: ServeOptions): Service;

  /**
   * Calls `listener` with the present state at once and then with every change. At `reconnected` all subscriptions are
   * in place again. Returns a function that removes the listener.
   */
  onStatus(listener: (status: BusStatus) => void): () => void;

  /** Settles when the server has read everything sent so far. Rejects with a BusError when the connection breaks. */
  flush(): Promise<void>;

  /** Milliseconds to the server and back. Rejects like `flush`. */
  rtt(): Promise<number>;

  /** Stops every service as `Service.stop` does, sends what is unsent, and closes. */
  drain(): Promise<void>;

  /** Closes at once; whatever waits for an answer rejects. */
  close(): Promise<void>;
}

/** A bus whose stream can be read as well. */
export interface StreamBus extends Bus {
  /** Opens a durable consumer of the stream, made if it is not there. @throws BusError */
  pullConsumer(options: PullConsumerOptions): Promise<PullConsumer>;
}
