import { STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { Chance } from '../engine/chance.ts';
import type { Simulator } from '../engine/simulator.ts';
import type { Pace } from '../engine/link.ts';
import type { Delivery, Peer } from './delivery.ts';

/** What the network does to the bus; changes during a run. */
export interface BusConditions {
  pace: Pace;
  /** Shares of live messages that are lost, or delivered twice, on the way to one subscriber. */
  loss: number;
  repeats: number;
}

interface Stream {
  readonly createdAt: string;
  readonly config: object;
  lastSeq: number;
  /** Message ids and when they arrived. */
  readonly ids: Map<string, { readonly seq: number; readonly at: number }>;
}

const DUPLICATE_WINDOW_MS = 120_000;
const CAPTURED = STREAM_SUBJECTS.map(matcher);
const API = '$JS.API.STREAM.';

/** One NATS server with JetStream, as far as the product uses it: core delivery at most once, a stream that acknowledges. */
export class NatsServer {
  readonly simulator: Simulator;
  readonly conditions: BusConditions;
  readonly chance: Chance;
  readonly connections = new Set<Peer>();
  up = true;
  #stream: Stream | undefined;
  #created = 0;

  constructor(simulator: Simulator, conditions: BusConditions) {
    this.simulator = simulator;
    this.conditions = conditions;
    this.chance = simulator.chance('nats');
  }

  /** The store of JetStream is lost. */
  loseStream(): void {
    this.simulator.note('nats', () => 'lost its store');
    this.#stream = undefined;
  }

  /** The server stops, and every connection to it breaks. */
  stop(): void {
    this.simulator.note('nats', () => 'down');
    this.up = false;
    for (const connection of this.connections) connection.disconnect();
  }

  start(): void {
    this.simulator.note('nats', () => 'up');
    this.up = true;
    for (const connection of this.connections) connection.reconnect();
  }

  /** Something that `from` sent has arrived here. */
  receive(from: Peer, delivery: Delivery): void {
    const { subject, reply } = delivery;
    if (subject.startsWith(API)) return from.deliverReply(reply ?? 0, this.#api(subject.slice(API.length), delivery));
    const answer = CAPTURED.some((matches) => matches(subject)) ? this.#capture(delivery) : undefined;
    let heard = answer !== undefined;
    for (const connection of this.connections) {
      if (!connection.connected || !connection.isSubscribed(subject)) continue;
      heard = true;
      this.#deliverLive(connection, delivery);
    }
    const servers = [...this.connections].filter((one) => one.connected && one.serves(subject));
    if (servers.length > 0) {
      heard = true;
      this.chance.of(servers).deliverRequest(delivery, from);
    }
    if (reply === undefined) return;
    if (answer !== undefined) from.deliverReply(reply, answer);
    else if (!heard) from.deliverReply(reply, 'no_responders');
  }

  #deliverLive(connection: Peer, delivery: Delivery): void {
    const { loss, repeats } = this.conditions;
    if (this.chance.hits(loss)) {
      this.simulator.note('nats', () => `lost on the way to ${connection.name}: ${delivery.subject}`);
      return;
    }
    connection.deliver(delivery);
    if (this.chance.hits(repeats)) connection.deliver(delivery);
  }

  /** The stream's acknowledgement; undefined when nothing captures the subject. */
  #capture({ msgId, reply }: Delivery): string | undefined {
    const stream = this.#stream;
    if (stream === undefined) return undefined;
    const known = msgId === undefined ? undefined : stream.ids.get(msgId);
    if (known !== undefined && this.simulator.now - known.at < DUPLICATE_WINDOW_MS) {
      return JSON.stringify({ stream: 'CHAT', seq: known.seq, duplicate: true });
    }
    stream.lastSeq += 1;
    if (msgId !== undefined) stream.ids.set(msgId, { seq: stream.lastSeq, at: this.simulator.now });
    return reply === undefined ? '' : JSON.stringify({ stream: 'CHAT', seq: stream.lastSeq });
  }

  #api(operation: string, { payload }: Delivery): string {
    if (operation.startsWith('DELETE')) {
      this.#stream = undefined;
      return JSON.stringify({ success: true });
    }
    if (!operation.startsWith('INFO') && this.#stream === undefined) {
      this.#created += 1;
      const config = JSON.parse(new TextDecoder().decode(payload)) as object;
      this.#stream = { createdAt: `birth ${this.#created}`, config, lastSeq: 0, ids: new Map() };
    }
    const stream = this.#stream;
    if (stream === undefined) return JSON.stringify({ error: { err_code: 10_059, description: 'stream not found' } });
    return JSON.stringify({
      created: stream.createdAt,
      config: stream.config,
      state: { last_seq: stream.lastSeq },
    });
  }
}

/** Whether a subject fits a pattern with `*`. */
export function matcher(pattern: string): (subject: string) => boolean {
  if (!pattern.includes('*')) return (subject) => subject === pattern;
  const wanted = pattern.split('.');
  return (subject) => {
    const tokens = subject.split('.');
    return tokens.length === wanted.length && wanted.every((token, n) => token === '*' || token === tokens[n]);
  };
}
