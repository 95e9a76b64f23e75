/** A receiver of Sentry's protocol that reads envelopes strictly, and refuses what is none. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  readonly event_id: string;
  readonly level: string;
  readonly release: string;
  readonly environment: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly logentry?: { readonly formatted: string };
  readonly exception?: { readonly values: readonly ReceivedException[] };
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface ReceivedException {
  readonly type: string;
  readonly value: string;
  readonly mechanism: { readonly handled: boolean };
  readonly stacktrace?: { readonly frames: readonly { readonly filename: string; readonly lineno: number }[] };
}

const KEY = 'a1b2c3d4e5f6';
const PROJECT = '42';

export class SentryReceiver {
  readonly events: ReceivedEvent[] = [];
  /** What was no proper request. */
  readonly faults: string[] = [];
  /** All that came: the head of each request and its body, byte for byte. */
  readonly received: Buffer[] = [];
  /** What it answers; `hang` is nothing at all. */
  answer: { readonly status: number; readonly retryAfter?: number } | 'hang' = { status: 200 };
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(): Promise<SentryReceiver> {
    const receiver = new SentryReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get dsn(): string {
    return `http://${KEY}@127.0.0.1:${(this.#server.address() as AddressInfo).port}/${PROJECT}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.received.push(Buffer.from(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n`), body);
    try {
      checkHead(request);
      this.events.push(eventIn(body));
    } catch (error) {
      this.faults.push(String(error));
      response.writeHead(400).end();
      return;
    }
    if (this.answer === 'hang') return;
    const { status, retryAfter } = this.answer;
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end('{}');
  }
}

function checkHead({ method, url, headers }: IncomingMessage): void {
  if (method !== 'POST' || url !== `/api/${PROJECT}/envelope/`) throw new Error(`${method} ${url}`);
  if (headers['content-type'] !== 'application/x-sentry-envelope') throw new Error('wrong content type');
  const auth = String(headers['x-sentry-auth']);
  const fields = Object.fromEntries(
    auth
      .replace(/^Sentry /, '')
      .split(', ')
      .map((pair) => pair.split('=')),
  ) as Record<string, string>;
  if (!auth.startsWith('Sentry ') || fields['sentry_version'] !== '7') throw new Error('wrong version');
  if (fields['sentry_key'] !== KEY || !/^[\w.-]+\/[\w.-]+$/.test(fields['sentry_client'] ?? ''))
    throw new Error('wrong key');
}

const LEVELS = new Set(['fatal', 'error', 'warning', 'info', 'debug']);
/** Attributes of an event that its schema knows and this product sends. */
const FIELDS = new Set([
  ...['event_id', 'timestamp', 'platform', 'level', 'logger', 'server_name', 'release', 'environment', 'tags'],
  ...['logentry', 'exception', 'extra'],
]);

/** The one event of an envelope: a line of headers, then for its item a line of headers and as many bytes as these say. */
export function eventIn(envelope: Buffer): ReceivedEvent {
  const [head, afterHead] = lineAt(envelope, 0);
  const [item, start] = lineAt(envelope, afterHead);
  const { event_id: id, sent_at: sentAt } = head;
  if (typeof id !== 'string' || !/^[\da-f]{32}$/.test(id)) throw new Error('no id');
  if (typeof sentAt !== 'string' || new Date(sentAt).toISOString() !== sentAt) throw new Error('no time');
  const { type, length } = item;
  if (type !== 'event' || typeof length !== 'number') throw new Error('no event');
  const end = start + length;
  if (envelope.length < end || !['', '\n'].includes(envelope.subarray(end).toString())) throw new Error('wrong length');
  const event = JSON.parse(envelope.subarray(start, end).toString('utf8')) as ReceivedEvent & Record<string, unknown>;
  const unknown = Object.keys(event).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) throw new Error(`unknown fields: ${unknown.join(', ')}`);
  if (event.event_id !== id) throw new Error('another id');
  if (!LEVELS.has(event.level) || event['platform'] !== 'node') throw new Error('no level or platform');
  if (typeof event['timestamp'] !== 'number') throw new Error('no timestamp');
  for (const [name, value] of Object.entries(event.tags)) checkTag(name, value);
  for (const { type: name, value } of event.exception?.values ?? [])
    if (typeof name !== 'string' || typeof value !== 'string') throw new Error('malformed exception');
  return event;
}

function lineAt(envelope: Buffer, start: number): [Record<string, unknown>, number] {
  const end = envelope.indexOf('\n', start);
  if (end < 0) throw new Error('no line');
  return [JSON.parse(envelope.subarray(start, end).toString('utf8')) as Record<string, unknown>, end + 1];
}

function checkTag(name: string, value: unknown): void {
  if (!/^[\w.:-]{1,32}$/.test(name)) throw new Error(`no name of a tag: ${name}`);
  if (typeof value !== 'string' || value.length > 200 || value.includes('\n')) throw new Error(`no value of ${name}`);
}
