import { CLOSE, ErrorCode, ERRORS, PROBLEM_JSON, RECONNECT } from '@messagecore/protocol';
import { call, newMid, TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { forgeToken } from '../support/tokens.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem({ gateways: 1 });
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

test('[ERR-1] refusals over HTTP are problem documents of the catalogue', async () => {
  const { cid, users, tenant } = room;
  const stranger = await tenant.user('stranger');
  const base = `${system.api}/v1/conversations`;
  const { auth } = users.ann;
  const message = (more: object) => ({
    headers: auth,
    body: { mid: newMid(), kind: 'text', body: { text: 'x' }, ...more },
  });
  const mid = newMid();
  await call('POST', `${base}/${cid}/messages`, message({ mid }));
  const cases: [ErrorCode, string, string, object?][] = [
    ['unauthorized', 'GET', base],
    ['unauthorized', 'GET', base, { headers: { authorization: 'Bearer nonsense' } }],
    ['unauthorized', 'GET', base, { headers: { authorization: `Bearer ${forgeToken({ sub: 'x' })}` } }],
    ['unauthorized', 'GET', base, { headers: { 'x-api-key': 'nonsense' } }],
    ['not_found', 'GET', `${base}/${crypto.randomUUID()}`, { headers: auth }],
    ['not_found', 'GET', `${system.api}/v1/teapot`, { headers: auth }],
    ['not_member', 'GET', `${base}/${cid}/messages`, { headers: stranger.auth }],
    ['bad_request', 'GET', `${base}/${cid}/messages?before=soon`, { headers: auth }],
    ['bad_request', 'GET', `${base}/${cid}/messages?before=1&after=1`, { headers: auth }],
    ['bad_request', 'POST', base, { headers: auth, body: { kind: 'party' } }],
    ['bad_request', 'POST', `${base}/${cid}/messages`, message({ mid: 'short' })],
    ['unsupported_kind', 'POST', `${base}/${cid}/messages`, message({ kind: 'sys' })],
    ['too_large', 'POST', `${base}/${cid}/messages`, message({ body: { text: 'x'.repeat(16_001) } })],
    ['mid_taken', 'POST', `${base}/${cid}/messages`, message({ mid, body: { text: 'y' } })],
    ['forbidden', 'DELETE', `${base}/${cid}`, { headers: users.bob.auth }],
  ];
  for (const [code, method, url, options = {}] of cases) {
    const { status, headers, body } = await call(method, url, options);
    expect({ url, status, code: body.code }).toEqual({ url, status: ERRORS[code].http, code });
    expect(headers.get('content-type'), url).toContain(PROBLEM_JSON);
    expect(body).toMatchObject({
      status,
      title: ERRORS[code].title,
      type: expect.any(String),
      detail: expect.any(String),
    });
  }
});

test('[ERR-1] a wrong body names every wrong field', async () => {
  const { body } = await call('POST', `${system.api}/v1/conversations/${room.cid}/messages`, {
    headers: room.users.ann.auth,
    body: { mid: 'short', kind: '', body: [], replyTo: 0 },
  });
  expect(body.code).toBe('bad_request');
  expect(body.errors?.map(({ path }) => path.replace(/^body\.(?=mid|kind|body|replyTo)/, ''))).toEqual(
    expect.arrayContaining(['mid', 'kind', 'body', 'replyTo']),
  );
});

test('[ERR-1] so is what is not JSON at all', async () => {
  const answer = await fetch(`${system.api}/v1/conversations`, {
    method: 'POST',
    headers: { ...room.users.ann.auth, 'content-type': 'application/json' },
    body: '{"kind":',
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'bad_request', status: 400 });
});

test('[ERR-2] closes are those of the table and say why before', async () => {
  const { users, tenant } = room;
  const closes = {
    'a bad token': async () => system.dial({ token: 'nonsense' }),
    'too much rubbish': async () => {
      const client = await system.connect(users.ann);
      for (let i = 0; i < 30; i += 1) client.sendRaw('{');
      return client;
    },
    'too large': async () => {
      const client = await system.connect(users.ann);
      client.sendRaw('x'.repeat(100_000));
      return client;
    },
    suspension: async () => {
      const other = await newRoom(system, 'zoe');
      const client = await system.connect(other.users.zoe);
      await other.tenant.administer('suspend');
      return client;
    },
  };
  const codes = Object.values<number>(CLOSE);
  for (const [name, start] of Object.entries(closes)) {
    const client = await start();
    const { code } = await client.closed;
    expect(codes, name).toContain(code);
    expect(RECONNECT).toHaveProperty(String(code));
    if (name !== 'too large') expect(['error', 'bye'], name).toContain(client.frames.at(-1)?.t);
    for (const error of client.record.of('error')) expect(ErrorCode.options).toContain(error.code);
  }
  expect(tenant.api).toBe(system.api);
});

test('[ERR-2] text that is not UTF-8 is the WebSocket layer’s own business', async () => {
  const client = await system.connect(room.users.ann);
  client.socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
  expect([1007, CLOSE.malformed]).toContain(
    (await Promise.race([client.closed, client.record.next('error').then(() => ({ code: CLOSE.malformed }))])).code,
  );
});

test('[ERR-3] without a database the answer is to try again, and says when', async () => {
  const [postgres] = await system.sql<{ host: string; port: number; database: string }[]>`
    select host(inet_server_addr()) as host, inet_server_port() as port, current_database() as database`;
  const proxy = await TcpProxy.start({ host: postgres!.host, port: postgres!.port });
  const url = new URL(system.databaseUrl);
  url.port = String(proxy.port);
  url.hostname = '127.0.0.1';
  const behind = await startSystem({ gateways: 0, chatService: { databaseUrl: url.href } });
  try {
    const { auth } = room.users.ann;
    expect((await call('GET', `${behind.api}/v1/conversations`, { headers: auth })).status).toBe(200);
    proxy.set({ refuse: true });
    proxy.cut();
    const { status, headers, body } = await call('GET', `${behind.api}/v1/conversations`, { headers: auth });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    proxy.set({});
  } finally {
    await behind.stop();
    await proxy.stop();
  }
});
