import { expect, test } from 'vitest';
import type { FetchLike } from './rest.ts';
import { FakeGateway, ROOM, settle, YOU } from './test/fake-gateway.ts';

/** The gateway's event streams and the API's POST, as `fetch`. */
class FakeHttp {
  readonly streams: { url: URL; push(frame: object): void; end(): void }[] = [];
  readonly posts: unknown[] = [];
  readonly #gateway: FakeGateway;
  /** Instead of the answer to the next POST. */
  failure: Response | undefined;

  constructor(gateway: FakeGateway) {
    this.#gateway = gateway;
  }

  readonly fetch: FetchLike = (address, { method = 'GET', body, signal } = {}) => {
    const url = new URL(address);
    if (method === 'POST') return Promise.resolve(this.#post(JSON.parse(body as string)));
    const wire = new TransformStream<string, string>();
    const writer = wire.writable.getWriter();
    const push = (frame: object) => void writer.write(`data: ${JSON.stringify(frame)}\n\n`).catch(() => undefined);
    const end = () => void writer.close().catch(() => undefined);
    signal?.addEventListener('abort', end);
    this.streams.push({ url, push, end });
    push(this.#gateway.ready());
    for (const cid of url.searchParams.getAll('cid')) {
      const room = this.#gateway.room(cid);
      push({ t: 'joined', cid, head: room.length, rev: 0, epoch: 0, first: 1 });
    }
    return Promise.resolve(new Response(wire.readable.pipeThrough(new TextEncoderStream())));
  };

  #post({ cid, mid }: { cid: string; mid: string }): Response {
    this.posts.push(mid);
    const { failure } = this;
    this.failure = undefined;
    return failure ?? Response.json({ cid, mid, seq: this.#gateway.post(cid, mid).seq, at: 0 }, { status: 201 });
  }
}

/** Turns of the event loop that a stream needs to hand on what was written. */
async function flow(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await settle();
}

async function blocked() {
  const gateway = new FakeGateway();
  gateway.unreachable = true;
  const http = new FakeHttp(gateway);
  const client = gateway.client({ fetch: http.fetch });
  client.join(ROOM, { since: 0, rev: 0, epoch: 0 });
  client.connect();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await settle();
    gateway.clock.advance(8_000);
  }
  await flow();
  return { gateway, http, client };
}

test('SSE takes over where WebSocket does not open, and gives way when it does again', async () => {
  const { gateway, http, client } = await blocked();
  expect(client.state).toMatchObject({ phase: 'online', transport: 'sse' });
  const [stream] = http.streams;
  expect([...stream!.url.searchParams]).toEqual([
    ['token', 'secret'],
    ['cid', ROOM],
    ['since', '0'],
    ['rev', '0'],
    ['epoch', '0'],
  ]);
  expect(await client.conversation(ROOM).send({ text: 'x' }).delivered).toEqual({ seq: 1 });

  const keepAlive = () => stream!.push({ t: 'pong', at: 0 });
  for (let seconds = 0; seconds < 120; seconds += 10) {
    if (seconds === 60) expect(client.state.transport).toBe('sse');
    gateway.unreachable = seconds < 60;
    keepAlive();
    await flow();
    gateway.clock.advance(10_000);
    await flow();
  }
  expect(client.state).toMatchObject({ phase: 'online', transport: 'ws' });
});

test('[SEQ-3] a POST that fails holds back those behind it, and all go out again in order', async () => {
  const { gateway, http, client } = await blocked();
  const problem = { code: 'unavailable', detail: '', retryAfterMs: 500 };
  http.failure = Response.json(problem, { status: 503 });
  const sends = ['1', '2', '3'].map((text) => client.conversation(ROOM).send({ text }));
  await flow();
  expect(http.posts).toEqual([sends[0]!.mid]);
  gateway.clock.advance(500);
  await flow();
  expect(http.posts).toEqual([sends[0]!.mid, ...sends.map(({ mid }) => mid)]);
  expect(await Promise.all(sends.map(({ delivered }) => delivered))).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
});

test('a stream that ends is opened again from where the conversation stands', async () => {
  const { gateway, http, client } = await blocked();
  http.streams[0]!.push(gateway.post(ROOM, 'a'));
  await flow();
  http.streams[0]!.end();
  await flow();
  gateway.clock.advance(8_000);
  await flow();
  expect(http.streams[1]!.url.searchParams.get('since')).toBe('1');
  expect(client.state).toMatchObject({ phase: 'online', transport: 'sse' });
});

test('an event that cannot be read does not end the stream', async () => {
  const { gateway, http, client } = await blocked();
  const shown: string[] = [];
  const warnings: string[] = [];
  client.on('message', ({ mid }) => shown.push(mid));
  client.on('warning', ({ kind }) => warnings.push(kind));
  http.streams[0]!.push(['no frame']);
  http.streams[0]!.push(gateway.post(ROOM, 'a'));
  await flow();
  expect([shown, warnings, http.streams.length]).toEqual([['a'], ['unreadable'], 1]);
});

test('a path prefix is kept for the stream', async () => {
  const gateway = new FakeGateway();
  const http = new FakeHttp(gateway);
  const client = gateway.client({ url: 'wss://one.test/chat/ws', transport: 'sse', fetch: http.fetch });
  client.connect();
  await flow();
  expect(http.streams[0]!.url.href).toBe('https://one.test/chat/sse?token=secret');
});

test('[PRES-5] a stream watches in its address; another user opens another one, the last ones are in it', async () => {
  const { gateway, http, client } = await blocked();
  const reopened = async () => {
    await flow();
    gateway.clock.advance(20);
    await flow();
    return http.streams.at(-1)!.url.searchParams;
  };
  client.watch([YOU]);
  expect((await reopened()).getAll('watch')).toEqual([YOU]);
  expect((await reopened()).getAll('cid')).toEqual([ROOM]);
  client.watch([YOU]);
  client.unwatch([YOU]);
  await reopened();
  expect(http.streams).toHaveLength(2);
  const others = Array.from(
    { length: 100 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  client.watch(others);
  expect((await reopened()).getAll('watch')).toEqual(others.slice(-80));
  expect(http.streams).toHaveLength(3);
  // Who is asked for again is one of the last.
  client.watch([others[0]!]);
  expect((await reopened()).getAll('watch')).toEqual([...others.slice(-79), others[0]]);
  expect(client.state).toMatchObject({ phase: 'online', transport: 'sse' });
});
