import {
  type Bus,
  BusError,
  type BusStatus,
  type MessageHandler,
  type Payload,
  type PublishOptions,
  type RequestHandler,
  type RequestOptions,
  type ServeOptions,
  type Service,
  type Subscription,
  type Waiter,
} from '@messagecore/bus';
import { ChatError } from '@messagecore/protocol';
import { Link } from '../engine/link.ts';
import type { Process } from '../engine/process.ts';
import { describe } from '../engine/simulator.ts';
import type { Answer, Delivery, Peer } from './delivery.ts';
import { matcher, type NatsServer } from './nats.ts';

interface Subscribed {
  readonly matches: (subject: string) => boolean;
  readonly handler: MessageHandler;
}

interface Served {
  readonly handler: RequestHandler;
  readonly maxConcurrent: number;
  running: number;
}

const encoder = new TextEncoder();
const MSG_ID = 'Nats-Msg-Id';
const MAX_CONCURRENT = 1_024;

/** One process's connection to the simulated NATS. The two directions keep their order, like TCP. */
export class BusConnection implements Bus, Peer {
  readonly serverVersion = 'simulated';
  readonly #process: Process;
  readonly #server: NatsServer;
  readonly #up: Link;
  readonly #down: Link;
  /** What this side wants, and what the server knows of. */
  readonly #wanted = new Set<Subscribed>();
  readonly #subscriptions = new Set<Subscribed>();
  readonly #services = new Map<string, Served>();
  readonly #waiting = new Map<number, Waiter & { readonly about: string }>();
  readonly #listeners = new Set<(status: BusStatus) => void>();
  #asked = 0;
  #cut = false;
  /** Both what this side believes and what the server does: a break is noticed at once by both. */
  #connected = true;

  constructor(process: Process, server: NatsServer) {
    this.#process = process;
    this.#server = server;
    const { simulator, chance } = process;
    this.#up = new Link(simulator, chance, () => server.conditions.pace);
    this.#down = new Link(simulator, chance, () => server.conditions.pace);
    server.connections.add(this);
    this.#connected = server.up;
    process.onKilled(() => {
      server.connections.delete(this);
      this.#up.cut();
      this.#down.cut();
    });
  }

  get name(): string {
    return this.#process.name;
  }

  get connected(): boolean {
    return this.#connected;
  }

  // What the network does to it.

  /** Keeps it from reconnecting until `heal`. */
  partition(): void {
    this.#cut = true;
    this.disconnect();
  }

  heal(): void {
    this.#cut = false;
    this.reconnect();
  }

  disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#up.cut();
    this.#down.cut();
    this.#subscriptions.clear();
    this.#process.simulator.note(this.name, () => 'bus disconnected');
    this.#process.enter(() => {
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const waiter of waiting) waiter.failed(new BusError('disconnected', waiter.about));
      this.#tell('disconnected');
    });
  }

  reconnect(): void {
    if (this.#connected || this.#cut || !this.#server.up || !this.#process.alive) return;
    this.#connected = true;
    for (const subscribed of this.#wanted) this.#subscriptions.add(subscribed);
    this.#process.simulator.note(this.name, () => 'bus reconnected');
    this.#process.enter(() => this.#tell('reconnected'));
  }

  /** Whether what the bus sent is still held up. */
  get stalled(): boolean {
    return this.#down.stalled;
  }

  stall(ms: number): void {
    this.#down.stall(ms);
  }

  // What the server asks of it.

  isSubscribed(subject: string): boolean {
    for (const { matches } of this.#subscriptions) if (matches(subject)) return true;
    return false;
  }

  serves(subject: string): boolean {
    return this.#services.has(subject);
  }

  deliver(delivery: Delivery): void {
    this.#down.send(() =>
      this.#process.enter(() => {
        for (const { matches, handler } of [...this.#wanted]) {
          if (matches(delivery.subject)) this.#handle(handler, delivery);
        }
      }),
    );
  }

  deliverRequest({ subject, payload, reply }: Delivery, from: Peer): void {
    this.#down.send(() =>
      this.#process.enter(() => {
        const respond = (answer: Answer) => {
          if (reply !== undefined && this.#connected) this.#up.send(() => from.deliverReply(reply, answer));
        };
        void this.#serve(subject, payload).then(respond);
      }),
    );
  }

  deliverReply(reply: number, answer: Answer): void {
    this.#down.send(() => this.#process.enter(() => this.#replied(reply, answer)));
  }

  // Bus

  publish(subject: string, payload: Payload, { headers }: PublishOptions = {}): boolean {
    if (!this.#connected || !this.#process.alive) return false;
    this.#send({ subject, payload: bytesOf(payload), msgId: headers?.[MSG_ID] });
    return true;
  }

  subscribe(subject: string, handler: MessageHandler): Subscription {
    const subscribed = { matches: matcher(subject), handler };
    this.#wanted.add(subscribed);
    // The server knows of it when the command has arrived, and `flush` tells that it has.
    if (this.#connected) this.#up.send(() => this.#wanted.has(subscribed) && this.#subscriptions.add(subscribed));
    return {
      unsubscribe: () => {
        this.#wanted.delete(subscribed);
        this.#subscriptions.delete(subscribed);
      },
    };
  }

  request(subject: string, payload: Payload, options: RequestOptions): Promise<Uint8Array> {
    return new Promise((answered, failed) => this.ask(subject, payload, options, { answered, failed }));
  }

  ask(subject: string, payload: Payload, { timeoutMs, headers }: RequestOptions, waiter: Waiter): void {
    if (!this.#connected) {
      this.#process.defer(() => waiter.failed(new BusError('disconnected', subject)));
      return;
    }
    const reply = (this.#asked += 1);
    this.#waiting.set(reply, { ...waiter, about: subject });
    this.#process.clock.setTimeout(() => this.#replied(reply, new BusError('timeout', subject)), timeoutMs);
    this.#send({ subject, payload: bytesOf(payload), reply, msgId: headers?.[MSG_ID] });
  }

  serve(
    subject: string,
    _queue: string | undefined,
    handler: RequestHandler,
    { maxConcurrent = MAX_CONCURRENT }: ServeOptions = {},
  ): Service {
    this.#services.set(subject, { handler, maxConcurrent, running: 0 });
    return { stop: async () => void this.#services.delete(subject) };
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#connected ? 'connected' : 'disconnected');
    return () => this.#listeners.delete(listener);
  }

  flush(): Promise<void> {
    return new Promise((answered, failed) => {
      if (!this.#connected) return failed(new BusError('disconnected', 'flush'));
      const reply = (this.#asked += 1);
      this.#waiting.set(reply, { answered: () => answered(), failed, about: 'flush' });
      this.#up.send(() => this.deliverReply(reply, ''));
    });
  }

  async rtt(): Promise<number> {
    const start = this.#process.clock.monotonic();
    await this.flush();
    return this.#process.clock.monotonic() - start;
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}

  #send(delivery: Delivery): void {
    this.#up.send(() => this.#server.receive(this, delivery));
  }

  #handle(handler: MessageHandler, { subject, payload }: Delivery): void {
    try {
      handler(payload, subject, () => undefined);
    } catch (fault) {
      this.#process.simulator.faults.push(`${this.name} on ${subject}: ${describe(fault)}`);
    }
  }

  async #serve(subject: string, payload: Uint8Array): Promise<Answer> {
    const served = this.#services.get(subject);
    if (served === undefined || served.running >= served.maxConcurrent) return new ChatError('unavailable', 'busy');
    served.running += 1;
    try {
      return await served.handler(payload, () => undefined);
    } catch (error) {
      return error instanceof ChatError ? error : new ChatError('internal');
    } finally {
      served.running -= 1;
    }
  }

  #replied(reply: number, answer: Answer): void {
    const waiter = this.#waiting.get(reply);
    if (waiter === undefined) return;
    this.#waiting.delete(reply);
    if (answer === 'no_responders') waiter.failed(new BusError('no_responders', waiter.about));
    else if (answer instanceof ChatError) waiter.failed(answer);
    else waiter.answered(bytesOf(answer));
  }

  #tell(status: BusStatus): void {
    for (const listener of this.#listeners) listener(status);
  }
}

function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? encoder.encode(payload) : payload;
}
