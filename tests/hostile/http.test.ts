/** Those who have no token, or do not get as far as to show it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CLOSE, LIMITS, RATE_PROFILES } from '@messagecore/protocol';
import { SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket, upgradeRequest } from '../support/raw-socket.ts';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { Bystanders } from './bystanders.ts';

const HEAD_MS = 700;
const PENDING = 60;
const SESSIONS = 20;
/** So slow that nothing comes back while the burst is used up, however slow the machine is. */
const HTTP_RATE = { perSecond: 0.1, burst: 150 };

let system: System;
let room: Room<'ann' | 'bob' | 'mallory'>;
let port: number;

beforeAll(async () => {
  system = await startSystem({
    gateways: 1,
    limits: { ...RATE_PROFILES.load, httpPerIp: { perSecond: 100_000, burst: 100_000 } },
    gateway: { timing: { requestHeadMs: HEAD_MS }, maxPendingPerIp: PENDING, maxSessionsPerUser: SESSIONS },
  });
  room = await newRoom(system, 'ann', 'bob', 'mallory');
  port = Number(new URL(system.ws()).port);
});
afterAll(() => system.stop());

/** A connection whose answer is kept, and its end. */
function dial(bytes = '', to = port): { socket: Socket; answer: () => string; closed: Promise<unknown> } {
  let answer = '';
  const socket = connect(to, '127.0.0.1').on('error', () => {});
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.write(bytes);
  return { socket, answer: () => answer, closed: once(socket, 'close') };
}

test('[LAG-5] [LIM-9] heads that come a byte at a time are cut off', async () => {
  const bystanders = await Bystanders.come(system, room);
  const head = upgradeRequest('/ws');
  const slow = range(1, 50).map(() => dial());
  const drip = setInterval(() => slow.forEach(({ socket }, at) => socket.writable && socket.write(head[at % 40]!)), 50);
  expect(await bystanders.complaints()).toEqual([]);
  await Promise.all(slow.map(({ closed }) => closed));
  clearInterval(drip);
});

test('[LAG-5] [LIM-9] connections that say nothing, or half of it, are cut off', async () => {
  const bystanders = await Bystanders.come(system, room);
  const silent = range(1, 200).map((i) => dial(i % 2 === 0 ? 'GET /ws HTTP/1.1\r\nHost: x\r\nUpgr' : ''));
  expect(await bystanders.complaints()).toEqual([]);
  await Promise.all(silent.map(({ closed }) => closed));
  for (const { answer } of silent) expect(answer()).toMatch(/^$|^HTTP\/1\.1 408 /);
});

const long = 'a'.repeat(LIMITS.requestHeadBytes);
test.each([
  ['a header of 16 KiB', `GET /ws HTTP/1.1\r\nHost: x\r\nA: ${long}\r\n\r\n`, 431],
  ['headers by the thousand', `GET /ws HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(5_000)}\r\n`, 431],
  ['a token without end', `GET /ws?token=${long} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ['a length and chunks', upgradeRequest('/ws', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }), 400],
  ['two requests in one', 'GET /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 0\r\n\r\nGET', 400],
  ['an upgrade by POST', upgradeRequest('/ws').replace('GET', 'POST'), 405],
  ['a sub-protocol nobody speaks', upgradeRequest('/ws', { 'Sec-WebSocket-Protocol': 'chat, soap' }), 400],
  ['an address that is none', upgradeRequest('//'), 404],
])('[LAG-5] [LIM-9] [CON-3] %s is refused', async (_, bytes, status) => {
  const all = range(1, 20).map(() => dial(bytes));
  await Promise.all(all.map(({ closed }) => closed));
  for (const { answer } of all) expect(answer()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('[CON-1] a body after an upgrade is the first frame, and as good as any', async () => {
  const raw = new RawSocket(port);
  raw.write(`${upgradeRequest(`/ws?token=${room.users.mallory.token}`, { 'Content-Length': '4' })}abcd`);
  await raw.until('the end', () => raw.isOver);
  expect(raw.head).toMatch(/^HTTP\/1\.1 (?:101|400)/);
  raw.cut();
});

test('[LIM-8] connections without a user beyond the limit are turned away, and the others go on', async () => {
  const bystanders = await Bystanders.come(system, room);
  const idle = await Promise.all(range(1, PENDING).map(() => RawSocket.upgrade(port, '/ws')));
  for (const raw of idle) expect(raw.head).toMatch(/^HTTP\/1\.1 101/);
  const refused = await RawSocket.upgrade(port, '/ws');
  expect(refused.head).toMatch(/^HTTP\/1\.1 503/);
  expect(refused.head).toMatch(/retry-after: 2/);
  expect(await bystanders.complaints()).toEqual([]);
  for (const raw of idle) raw.cut();
});

test('[LAG-5] [AUTH-5] bad tokens by the hundred are refused', async () => {
  const bystanders = await Bystanders.come(system, room);
  const guess = async () => {
    const client = system.dial({ token: `${room.users.ann.token.slice(0, -8)}${crypto.randomUUID().slice(0, 8)}` });
    return (await client.closed).code;
  };
  const guesses = Promise.all(range(1, 40).map(guess));
  expect(await bystanders.complaints()).toEqual([]);
  expect(new Set(await guesses)).toEqual(new Set([CLOSE.unauthorized]));
});

test('[LAG-5] a thousand connections that come and go leave nothing', async () => {
  const bystanders = await Bystanders.come(system, room);
  const churn = async () => {
    for (let i = 0; i < 50; i += 1) (await RawSocket.upgrade(port, `/ws?token=${room.users.mallory.token}`)).cut();
  };
  const churning = Promise.all(range(1, 8).map(churn));
  expect(await bystanders.complaints()).toEqual([]);
  await churning;
  await system.connect(room.users.mallory);
});

test('[LIM-8] a user has so many sessions and no more, over sockets and streams', async () => {
  const user = await room.tenant.user('crowd');
  const cid = await room.tenant.channel(user);
  const open = await Promise.all(range(1, SESSIONS).map(() => system.connect(user)));
  const onemore = system.dial({ token: user.token });
  await onemore.record.next('error', { code: 'rate_limited' });
  expect(await onemore.closed).toMatchObject({ code: CLOSE.flooding });
  const stream = { url: system.sse(), token: user.token, from: [{ cid }] };
  expect(await SseClient.open(stream)).toMatchObject({ status: 429 });
  // A renewal is no new session.
  open[0]!.sendFrame({ t: 'auth', jwt: user.token });
  await open[0]!.record.until('ready again', () => open[0]!.record.of('ready').length === 2);
  await open[1]!.close();
  await expect
    .poll(async () => {
      const again = await SseClient.open(stream);
      if (again instanceof SseClient) again.close();
      return again instanceof SseClient;
    })
    .toBe(true);
});

test('[LAG-5] streams that nobody reads are in nobody’s way', { timeout: 240_000 }, async () => {
  const bystanders = await Bystanders.come(system, room);
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const streams = range(1, 10).map(() => {
    const { socket } = dial(`GET /sse?token=${users.bob.token}&cid=${cid}&since=0 HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket.pause();
  });
  await fill(ann, cid, 300, (i) => `${i} ${'.'.repeat(8_000)}`);
  expect(await bystanders.complaints()).toEqual([]);
  for (const socket of streams) socket.destroy();
});

test('[LIM-4] one address connects so often and no more', async () => {
  const strict = await startSystem({ gateways: 1, limits: { ...RATE_PROFILES.load, httpPerIp: HTTP_RATE } });
  try {
    const strictPort = Number(new URL(strict.ws()).port);
    const count = HTTP_RATE.burst + 60;
    const heads = await Promise.all(
      range(1, count).map(async () => {
        const raw = await RawSocket.upgrade(strictPort, '/ws');
        raw.cut();
        return raw.head;
      }),
    );
    const refused = heads.filter((head) => head.startsWith('HTTP/1.1 429'));
    expect(refused.length).toBeGreaterThan(20);
    expect(heads.length - refused.length).toBeGreaterThanOrEqual(HTTP_RATE.burst);
    for (const head of refused) expect(head).toMatch(/retry-after: \d/);
  } finally {
    await strict.stop();
  }
});

test(
  '[LIM-9] a body that comes a byte at a time is waited for so long and no longer',
  { timeout: 180_000 },
  async () => {
    const api = Number(new URL(system.api).port);
    const { token } = room.users.mallory;
    const { closed, answer, socket } = dial(
      `POST /send HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n`,
      api,
    );
    const drip = setInterval(() => socket.writable && socket.write('{'), 500);
    await closed;
    clearInterval(drip);
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
  },
);
