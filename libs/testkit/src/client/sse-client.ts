import { get, type IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import type { DownFrame } from '@messagecore/protocol';
import { FrameRecord } from './record.ts';

export interface SseOptions {
  /** Address of a gateway's stream: `http://host:port/sse`. */
  readonly url: string;
  readonly token: string;
  /** Conversations to receive, with where to start. */
  readonly from: readonly { readonly cid: string; readonly since?: number }[];
  readonly lastEventId?: string;
  /** Users to watch. */
  readonly watch?: readonly string[];
  /** Asks for `inbox` frames. */
  readonly inbox?: boolean;
  /** Certificate of the authority that is trusted, in PEM, for `https://`. */
  readonly ca?: string;
}

interface SseEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** One event stream, read as it comes. It records every frame, every id, and how often a comment kept it alive. */
export class SseClient {
  readonly record = new FrameRecord();
  readonly events: SseEvent[] = [];
  comments = 0;
  readonly #response: IncomingMessage;
  #rest = '';

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#received(chunk));
    response.on('close', () => this.record.end('the stream ended'));
    response.on('error', () => {});
  }

  /** Settles with the stream once its head has come; with the answer's status and body when it is refused. */
  static async open(options: SseOptions): Promise<SseClient | { status: number; body: string; contentType: string }> {
    const response = await request(options);
    if (response.statusCode === 200) return new SseClient(response);
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
    return { status: response.statusCode ?? 0, body, contentType: response.headers['content-type'] ?? '' };
  }

  /** Like `open`; throws when the stream is refused. */
  static async start(options: SseOptions): Promise<SseClient> {
    const stream = await SseClient.open(options);
    if (stream instanceof SseClient) return stream;
    throw new Error(`the stream was refused: ${stream.status} ${stream.body}`);
  }

  get contentType(): string {
    return this.#response.headers['content-type'] ?? '';
  }

  /** What a browser would send as `Last-Event-ID`. */
  get lastEventId(): string {
    return this.events.findLast(({ id }) => id !== '')?.id ?? '';
  }

  close(): void {
    this.#response.destroy();
  }

  #received(chunk: string): void {
    const blocks = (this.#rest + chunk).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#take(block);
  }

  #take(block: string): void {
    const lines = block.split('\n');
    const field = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
        .join('\n');
    if (lines.every((line) => line.startsWith(':'))) this.comments += 1;
    const data = field('data');
    if (data === '') return;
    this.events.push({ event: field('event'), data, id: field('id') });
    this.record.add(JSON.parse(data) as DownFrame);
  }
}

function request({ url, token, from, lastEventId, watch = [], inbox, ca }: SseOptions): Promise<IncomingMessage> {
  const address = new URL(url);
  address.searchParams.set('token', token);
  if (inbox === true) address.searchParams.set('inbox', 'true');
  for (const { cid, since } of from) {
    address.searchParams.append('cid', cid);
    if (since !== undefined) address.searchParams.append('since', String(since));
  }
  for (const user of watch) address.searchParams.append('watch', user);
  const headers = { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  return new Promise((resolve, reject) => {
    const asked =
      address.protocol === 'https:'
        ? getOverTls(address, { headers, ca }, resolve)
        : get(address, { headers }, resolve);
    asked.once('error', reject);
  });
}
