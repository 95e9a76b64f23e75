/** A receiver of OTLP over HTTP that decodes what comes by the published protocol, and refuses what is not that. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Decoded, decodeMessage, type MessageType } from './protobuf.ts';

/** Of opentelemetry/proto/trace/v1/trace.proto, 1.x, and what it imports. */
const ANY_VALUE: MessageType = {
  1: ['string', 'string'],
  2: ['bool', 'varint'],
  3: ['int', 'varint'],
  4: ['double', 'double'],
};
const KEY_VALUE: MessageType = { 1: ['key', 'string'], 2: ['value', ANY_VALUE] };
const RESOURCE: MessageType = { 1: ['attributes', KEY_VALUE, 'repeated'], 2: ['dropped', 'varint'] };
const SCOPE: MessageType = {
  1: ['name', 'string'],
  2: ['version', 'string'],
  3: ['attributes', KEY_VALUE, 'repeated'],
  4: ['dropped', 'varint'],
};
const LINK: MessageType = {
  1: ['traceId', 'bytes'],
  2: ['spanId', 'bytes'],
  3: ['traceState', 'string'],
  4: ['attributes', KEY_VALUE, 'repeated'],
  5: ['dropped', 'varint'],
  6: ['flags', 'fixed32'],
};
const STATUS: MessageType = { 2: ['message', 'string'], 3: ['code', 'varint'] };
const SPAN: MessageType = {
  1: ['traceId', 'bytes'],
  2: ['spanId', 'bytes'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'bytes'],
  5: ['name', 'string'],
  6: ['kind', 'varint'],
  7: ['start', 'fixed64'],
  8: ['end', 'fixed64'],
  9: ['attributes', KEY_VALUE, 'repeated'],
  10: ['droppedAttributes', 'varint'],
  12: ['droppedEvents', 'varint'],
  13: ['links', LINK, 'repeated'],
  14: ['droppedLinks', 'varint'],
  15: ['status', STATUS],
  16: ['flags', 'fixed32'],
};
const SCOPE_SPANS: MessageType = { 1: ['scope', SCOPE], 2: ['spans', SPAN, 'repeated'], 3: ['schemaUrl', 'string'] };
const RESOURCE_SPANS: MessageType = {
  1: ['resource', RESOURCE],
  2: ['scopes', SCOPE_SPANS, 'repeated'],
  3: ['schemaUrl', 'string'],
};
const REQUEST: MessageType = { 1: ['resources', RESOURCE_SPANS, 'repeated'] };

export interface ReceivedSpan {
  readonly service: string;
  /** Of the process. */
  readonly instance: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first one of a trace. */
  readonly parentSpanId: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
}

export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** What was no proper request. */
  readonly faults: string[] = [];
  /** Headers of the last request. */
  headers: IncomingMessage['headers'] = {};
  /** All that came, byte for byte. */
  readonly bodies: Buffer[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      this.headers = request.headers;
      this.bodies.push(body);
      if (request.method !== 'POST' || request.url !== '/v1/traces')
        throw new Error(`${request.method} ${request.url}`);
      if (request.headers['content-type'] !== 'application/x-protobuf') throw new Error('wrong content type');
      this.spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    } catch (error) {
      this.faults.push(String(error));
      response.writeHead(400).end();
    }
  }
}

/** @throws Error when it is no export request of spans that make sense. */
export function spansOf(body: Uint8Array): ReceivedSpan[] {
  return many(decodeMessage(REQUEST, body, 'request'), 'resources').flatMap((resource) => {
    const of = attributesOf((resource['resource'] ?? {}) as Decoded);
    return many(resource, 'scopes').flatMap((scope) => many(scope, 'spans').map((span) => checked(span, of)));
  });
}

function checked(span: Decoded, resource: ReceivedSpan['attributes']): ReceivedSpan {
  const received: ReceivedSpan = {
    service: String(resource['service.name'] ?? ''),
    instance: String(resource['service.instance.id'] ?? ''),
    name: (span['name'] as string | undefined) ?? '',
    kind: Number(span['kind'] ?? 0),
    traceId: idOf(span, 'traceId', 16),
    spanId: idOf(span, 'spanId', 8),
    parentSpanId: span['parentSpanId'] === undefined ? '' : idOf(span, 'parentSpanId', 8),
    startNs: span['start'] as bigint,
    endNs: span['end'] as bigint,
    attributes: attributesOf(span),
    links: many(span, 'links').map((link) => ({ traceId: idOf(link, 'traceId', 16), spanId: idOf(link, 'spanId', 8) })),
    failed: Number((span['status'] as Decoded | undefined)?.['code'] ?? 0) === 2,
  };
  if (received.service === '' || received.instance === '') throw new Error('a span of no service');
  if (received.name === '') throw new Error('a span without a name');
  if (received.kind < 1 || received.kind > 5) throw new Error(`${received.name}: kind ${received.kind}`);
  if (!(received.startNs > 0n && received.endNs >= received.startNs)) throw new Error(`${received.name}: wrong times`);
  return received;
}

const many = (message: Decoded, name: string) => (message[name] as Decoded[] | undefined) ?? [];

function idOf(message: Decoded, name: string, length: number): string {
  const id = Buffer.from((message[name] as Uint8Array | undefined) ?? []);
  if (id.length !== length || id.every((byte) => byte === 0)) throw new Error(`${name}: no id`);
  return id.toString('hex');
}

function attributesOf(message: Decoded): Record<string, string | number | boolean> {
  return Object.fromEntries(
    many(message, 'attributes').map((pair) => {
      const { string, bool, int, double } = pair['value'] as Record<string, string | bigint | number>;
      if (string !== undefined) return [String(pair['key']), String(string)];
      if (bool !== undefined) return [String(pair['key']), bool === 1n];
      return [String(pair['key']), Number(int ?? double)];
    }),
  );
}
