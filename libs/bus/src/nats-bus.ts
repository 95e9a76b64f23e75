import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import { Events, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import type {
  BusStatus,
  MessageHandler,
  Payload,
  PublishOptions,
  RequestHandler,
  RequestOptions,
  ServeOptions,
  Service,
  StreamBus,
  Subscription,
  Waiter,
} from './bus.ts';
import { BusError } from './bus-error.ts';
import { encodeHeaders, headerReader } from './headers.ts';
import { Outgoing, type Sending } from './outgoing.ts';
import { openPullConsumer, type PullConsumer, type PullConsumerOptions } from './pull-consumer.ts';
import { ReplyInbox } from './reply-inbox.ts';
import { startService } from './service.ts';
import { UnreadBytes } from './unread.ts';
import { warningOf } from './version.ts';

/** Bytes written and not yet read by the server at which nothing more is sent. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

export interface NatsBusDeps {
  readonly connection: NatsConnection;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * One connection to NATS.
 *
 * Invariant: nothing is sent or kept for later while the connection is down, although the client library would buffer
 * it without a bound; and whoever waits for an answer when it breaks is told at once.
 */
export class NatsBus implements StreamBus {
  readonly #connection: NatsConnection;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #inbox: ReplyInbox;
  readonly #unread: UnreadBytes;
  readonly #outgoing = new Outgoing((sending) => this.#write(sending));
  readonly #listeners = new Set<(status: BusStatus) => void>();
  readonly #services = new Set<Service>();
  #connected = true;

  constructor({ connection, log, clock }: NatsBusDeps) {
    this.#connection = connection;
    this.#log = log;
    this.#clock = clock;
    this.#inbox = new ReplyInbox(clock, log);
    this.#unread = new UnreadBytes(MAX_UNREAD_BYTES, () => this.#flush());
    this.#receive(this.#inbox.subject, (reply) => this.#inbox.receive(reply));
    this.#warnOfVersion();
    void this.#followStatus();
  }

  get connected(): boolean {
    return this.#connected;
  }

  get serverVersion(): string {
    return this.#connection.info?.version ?? 'unknown';
  }

  publish(subject: string, payload: Payload, { headers }: PublishOptions = {}): boolean {
    const bytes = asBytes(payload);
    if (!this.#connected || !this.#unread.admit(bytes.length)) return false;
    this.#send(subject, bytes, { headers: headers && encodeHeaders(headers) });
    return true;
  }

  subscribe(subject: string, handler: MessageHandler): Subscription {
    const subscription = this.#receive(subject, (message) =>
      handler(message.data, message.subject, headerReader(message)),
    );
    const unsubscribe = () => {
      this.#outgoing.flush();
      subscription.unsubscribe();
    };
    return { unsubscribe };
  }

  request(subject: string, payload: Payload, options: RequestOptions): Promise<Uint8Array> {
    return new Promise((answered, failed) => this.ask(subject, payload, options, { answered, failed }));
  }

  ask(subject: string, payload: Payload, { timeoutMs, headers }: RequestOptions, waiter: Waiter): void {
    const bytes = asBytes(payload);
    if (!this.#connected) return waiter.failed(new BusError('disconnected', subject));
    if (!this.#unread.admit(bytes.length)) return waiter.failed(new BusError('busy', subject));
    const reply = this.#inbox.open(subject, timeoutMs, waiter);
    try {
      this.#send(subject, bytes, { reply, headers: headers && encodeHeaders(headers) });
    } catch (error) {
      this.#inbox.fail(reply, asChatError(error, subject));
    }
  }

  serve(subject: string, queue: string | undefined, handler: RequestHandler, options?: ServeOptions): Service {
    const started = startService(
      {
        connection: this.#connection,
        log: this.#log,
        reply: (to, payload, headers) => this.#reply(to, payload, headers),
      },
      subject,
      queue,
      handler,
      options,
    );
    const service: Service = {
      stop: async () => {
        // What was sent before comes before the end.
        this.#outgoing.flush();
        await started.stop();
        this.#services.delete(service);
      },
    };
    this.#services.add(service);
    return service;
  }

  pullConsumer(options: PullConsumerOptions): Promise<PullConsumer> {
    return openPullConsumer(this.#connection, options);
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.#listeners.add(listener);
    this.#notify(listener, this.#connected ? 'connected' : 'disconnected');
    return () => void this.#listeners.delete(listener);
  }

  async flush(): Promise<void> {
    if (!this.#connected) throw new BusError('disconnected', 'flush');
    try {
      await this.#flush();
    } catch (cause) {
      throw new BusError('disconnected', 'flush', cause);
    }
  }

  async rtt(): Promise<number> {
    const start = this.#clock.monotonic();
    await this.flush();
    return this.#clock.monotonic() - start;
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#services].map((service) => service.stop()));
    if (this.#connected) {
      this.#outgoing.flush();
      this.#connected = false;
      await this.#connection.drain().catch(() => {});
    }
    await this.close();
  }

  async close(): Promise<void> {
    this.#connected = false;
    this.#inbox.failAll();
    await this.#connection.close();
  }

  /** An error that left the callback would end the client library's reading of the socket. */
  #receive(subject: string, handle: (message: Msg) => void) {
    return this.#connection.subscribe(subject, {
      callback: (refused, message) => {
        try {
          if (refused !== null) throw refused;
          handle(message);
        } catch (err) {
          this.#log.error({ subject, err }, 'message handler failed');
        }
      },
    });
  }

  #reply(subject: string, payload: Payload, headers?: MsgHdrs): void {
    const bytes = asBytes(payload);
    if (subject === '' || !this.#connected || !this.#unread.admit(bytes.length)) return;
    this.#send(subject, bytes, { headers });
  }

  /** @throws ChatError `too_large` */
  #send(subject: string, bytes: Uint8Array, more: Pick<Sending, 'reply' | 'headers'>): void {
    const { max_payload: most = Infinity } = this.#connection.info ?? {};
    if (bytes.length > most)
      throw new ChatError('too_large', `${subject}: ${bytes.length} bytes are too many for the bus`);
    this.#outgoing.push({ subject, bytes, ...more });
  }

  /** What cannot be sent now was not, as if the connection had broken. */
  #write({ subject, bytes, reply, headers }: Sending): void {
    try {
      this.#connection.publish(subject, bytes, { reply, headers } as { reply?: string; headers?: MsgHdrs });
    } catch (err) {
      this.#log.warn({ subject, err }, 'not sent');
      if (reply !== undefined) this.#inbox.fail(reply, new BusError('refused', subject, err));
    }
  }

  #flush(): Promise<void> {
    this.#outgoing.flush();
    return this.#connection.flush();
  }

  async #followStatus(): Promise<void> {
    for await (const { type, data } of this.#connection.status()) {
      if (type === Events.Disconnect) this.#onDisconnect();
      else if (type === Events.Reconnect) this.#onReconnect();
      else if (type === Events.Error) this.#log.warn({ error: data }, 'bus error');
    }
  }

  #warnOfVersion(): void {
    const warning = warningOf(this.serverVersion);
    if (warning !== undefined) this.#log.warn(warning);
  }

  #onDisconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#log.warn('bus disconnected');
    this.#outgoing.clear();
    this.#inbox.failAll();
    this.#notifyListeners('disconnected');
  }

  #onReconnect(): void {
    if (this.#connection.isClosed()) return;
    this.#unread.reset();
    this.#connected = true;
    this.#log.info('bus reconnected');
    this.#warnOfVersion();
    this.#notifyListeners('reconnected');
  }

  #notifyListeners(status: BusStatus): void {
    for (const listener of this.#listeners) this.#notify(listener, status);
  }

  #notify(listener: (status: BusStatus) => void, status: BusStatus): void {
    try {
      listener(status);
    } catch (err) {
      this.#log.error({ status, err }, 'status listener failed');
    }
  }
}

const encoder = new TextEncoder();

function asChatError(error: unknown, subject: string): ChatError {
  return error instanceof ChatError ? error : new BusError('refused', subject, error);
}

function asBytes(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? encoder.encode(payload) : payload;
}
