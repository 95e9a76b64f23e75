/** Where a token may be carried, and how long it may be. */
import { CLOSE, LIMITS, PROBLEM_JSON } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { newRoom, type Room } from '../support/room.ts';
import { JWT_SECRET, startSystem, type System } from '../support/system.ts';
import { claimsOf, forgeToken } from '../support/tokens.ts';

let system: System;
let room: Room<'ann' | 'bob'>;
let port: number;

beforeAll(async () => {
  system = await startSystem({ gateways: 1, gateway: { cookieOrigins: ['https://app.example'] } });
  room = await newRoom(system, 'ann', 'bob');
  port = Number(new URL(system.ws()).port);
});
afterAll(() => system.stop());

/** The type of the first frame that an upgrade is given; undefined when the session waits for a token. */
async function firstFrame(headers: Record<string, string>, path = '/ws'): Promise<string | undefined> {
  const raw = await RawSocket.upgrade(port, path, headers);
  expect(raw.head).toMatch(/^HTTP\/1\.1 101/);
  raw.send({ opcode: 1, payload: '{"t":"ping","at":1}' });
  await raw.until('a frame', () => raw.received.length > 0);
  const { t } = JSON.parse(String(raw.received[0]!.payload)) as { t: string };
  raw.cut();
  return t;
}

test('[AUTH-13] the Authorization header, a sub-protocol and a cookie of the own host open sessions too', async () => {
  const { token } = room.users.ann;
  const host = `127.0.0.1:${port}`;
  const cookie = `other=1; mc_token=${token}`;
  expect(await firstFrame({ Authorization: `Bearer ${token}` })).toBe('ready');
  expect(await firstFrame({ 'Sec-WebSocket-Protocol': `mc.v1.json, mc.token.${token}` })).toBe('ready');
  expect(await firstFrame({ Cookie: cookie })).toBe('ready');
  expect(await firstFrame({ Cookie: cookie, Host: host, Origin: `https://${host}` })).toBe('ready');
  expect(await firstFrame({ Cookie: cookie, Host: host, Origin: 'https://app.example' })).toBe('ready');
});

test('[AUTH-13] a page of another host gains nothing by the cookie that its visitor has', async () => {
  const cookie = `mc_token=${room.users.ann.token}`;
  for (const origin of ['https://evil.example', 'null']) {
    // Without a token the first frame is refused (AUTH-3).
    expect(await firstFrame({ Cookie: cookie, Host: `127.0.0.1:${port}`, Origin: origin }), origin).toBe('error');
  }
});

test('[AUTH-13] [CON-3] a token beside no encoding that is known is no way in', async () => {
  const raw = await RawSocket.upgrade(port, '/ws', { 'Sec-WebSocket-Protocol': `mc.token.${room.users.ann.token}` });
  expect(raw.head).toMatch(/^HTTP\/1\.1 400/);
  raw.cut();
});

test('[AUTH-13] so it is with event streams', async () => {
  const { cid, users } = room;
  const address = `${system.sse()}?cid=${cid}`;
  const open = async (headers: Record<string, string>) => {
    const abort = new AbortController();
    const answer = await fetch(address, { headers, signal: abort.signal });
    const type = answer.headers.get('content-type');
    abort.abort();
    return { status: answer.status, type, credentials: answer.headers.get('access-control-allow-credentials') };
  };
  const cookie = `mc_token=${users.ann.token}`;
  expect(await open(users.ann.auth)).toMatchObject({ status: 200, credentials: null });
  expect(await open({ cookie })).toMatchObject({ status: 200 });
  expect(await open({ cookie, origin: 'https://app.example' })).toMatchObject({ status: 200, credentials: 'true' });
  expect(await open({ cookie, origin: 'https://evil.example' })).toMatchObject({ status: 401, credentials: null });
  const preflight = await fetch(address, { method: 'OPTIONS', headers: { origin: 'https://x.example' } });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
});

test('[CON-1] [SSE-1] an address may end in a slash', async () => {
  const { token } = room.users.ann;
  expect(await firstFrame({}, `/ws/?token=${token}`)).toBe('ready');
  const abort = new AbortController();
  const answer = await fetch(`${system.sse()}/?token=${token}&cid=${room.cid}`, { signal: abort.signal });
  expect(answer.status).toBe(200);
  abort.abort();
});

/** A good token of so many characters at least. */
const padded = (length: number) => {
  const { sub, tid, exp } = claimsOf(room.users.ann.token);
  return forgeToken({ sub, tid, exp, roles: ['r'.repeat(Math.ceil((length * 3) / 4))] }, JWT_SECRET);
};

test('[AUTH-11] a token of ten kilobytes is taken wherever it is carried, one beyond the bound nowhere', async () => {
  const good = padded(10_240);
  const long = padded(LIMITS.tokenBytes);
  expect(good.length).toBeGreaterThan(10_000);
  const viaFrame = async (jwt: string) => {
    const client = system.dial();
    await client.opened();
    client.sendFrame({ t: 'auth', jwt });
    return Promise.race([client.record.next('ready').then(() => 'ready'), client.closed.then(({ code }) => code)]);
  };
  const viaAddress = async (token: string) => {
    const client = system.dial({ token });
    return Promise.race([client.record.next('ready').then(() => 'ready'), client.closed.then(({ code }) => code)]);
  };
  expect([await viaFrame(good), await viaAddress(good)]).toEqual(['ready', 'ready']);
  expect([await viaFrame(long), await viaAddress(long)]).toEqual([CLOSE.unauthorized, CLOSE.unauthorized]);
  expect(await firstFrame({ Authorization: `Bearer ${good}` })).toBe('ready');
  expect(await firstFrame({ Authorization: `Bearer ${long}` })).toBe('error');
  for (const base of [system.api + '/v1/users/me', `${system.sse()}?cid=${room.cid}`]) {
    const abort = new AbortController();
    const ask = (token: string) => fetch(base, { headers: { authorization: `Bearer ${token}` }, signal: abort.signal });
    expect((await ask(good)).status, base).toBe(200);
    const refused = await ask(long);
    expect([refused.status, refused.headers.get('content-type')], base).toEqual([
      401,
      expect.stringContaining(PROBLEM_JSON),
    ]);
    abort.abort();
  }
});
