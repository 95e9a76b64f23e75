/** A tenant's own server: it keeps what it was asked, and answers as the test says. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly text: string;
}

export interface HookAnswer {
  readonly status?: number;
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `drop` closes the connection; undefined never answers. */
type Reply = HookAnswer | 'drop' | undefined;
export type Answering = (body: never, asked: Asked) => Reply | Promise<Reply>;

export interface HookServer {
  readonly port: number;
  /** Of one path, in the order in which they came. */
  asked(path: string): readonly Asked[];
  /** The one that comes to the path as the `count`th, counted from 1. */
  next(path: string, count?: number): Promise<Asked>;
  /** What is answered there from now on. */
  answer(path: string, answering: Answering): void;
  stop(): Promise<void>;
}

export async function startHookServer(): Promise<HookServer> {
  const all: Asked[] = [];
  const answers = new Map<string, Answering>();
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url: path = '', headers } = request;
    const asked = { path, headers, text: Buffer.concat(chunks).toString('utf8') };
    all.push(asked);
    const answer = await answers.get(path)?.(JSON.parse(asked.text) as never, asked);
    if (answer === 'drop') response.destroy();
    if (answer === undefined || answer === 'drop') return;
    const { status = 200, body, headers: more = {} } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(typeof body === 'object' ? JSON.stringify(body) : body);
  }
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const to = (path: string) => all.filter((each) => each.path === path);
  return {
    port: (server.address() as AddressInfo).port,
    asked: to,
    next: (path, count = 1) => vi.waitUntil(() => to(path)[count - 1], { timeout: 60_000 }),
    answer: (path, answering) => void answers.set(path, answering),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Which of the secrets have signed it, by their places; written from SPEC.md alone (ENDP-3). */
export function signedBy({ headers, text }: Asked, secrets: readonly string[]): number[] {
  const parts = String(headers['messagecore-signature'])
    .split(',')
    .map((part) => part.split('='));
  const t = parts.find(([name]) => name === 't')?.[1];
  const given = parts.filter(([name]) => name === 'v1').map(([, value]) => value);
  return given.map((signature) =>
    secrets.findIndex((secret) => createHmac('sha256', secret).update(`${t}.${text}`).digest('hex') === signature),
  );
}
