import { CLOSE, LIMITS } from '@messagecore/protocol';
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { claimsOf, forgeToken } from '../support/tokens.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const inSeconds = (seconds: number) => Date.now() / 1000 + seconds;

test('[AUTH-1] a token in the URL opens the session', async () => {
  const client = await system.connect(room.users.ann);
  expect(client.frames[0]).toMatchObject({ t: 'ready', userId: room.users.ann.userId });
});

test.each(['json', 'msgpack'] as const)('[AUTH-2] an auth frame opens the session (%s)', async (encoding) => {
  const client = system.dial({ encoding });
  await client.opened();
  client.sendFrame({ t: 'auth', jwt: room.users.ann.token });
  expect(await client.record.next('ready')).toMatchObject({ userId: room.users.ann.userId });
  await client.join(room.cid);
});

test.each([
  { t: 'ping', at: 1 },
  { t: 'join', cid: '00000000-0000-4000-8000-000000000000' },
  { t: 'teleport' },
] as object[])('[AUTH-3] %o before auth ends the connection', async (frame) => {
  const client = system.dial();
  await client.opened();
  client.sendRaw(JSON.stringify(frame));
  expect(await client.closed).toMatchObject({ code: CLOSE.unauthorized });
  expect(client.frames).toMatchObject([{ t: 'error', code: 'unauthorized' }]);
});

test('[AUTH-4] silence ends the connection after its time', async () => {
  const authTimeoutMs = 1_000;
  const impatient = await startSystem({ gateways: 1, gateway: { timing: { authTimeoutMs } } });
  try {
    const start = performance.now();
    const client = impatient.dial();
    expect(await client.closed).toMatchObject({ code: CLOSE.timeout });
    expect(performance.now() - start).toBeGreaterThan(authTimeoutMs * 0.9);
    expect(client.record.of('ready')).toEqual([]);
  } finally {
    await impatient.stop();
  }
});

describe('[AUTH-5] a bad token', () => {
  const stranger = '11111111-2222-4333-8444-555555555555';
  const cases: Record<string, (good: ReturnType<typeof claimsOf>) => string> = {
    'no token at all': () => 'nonsense',
    empty: () => '',
    'signed with another secret': (good) => forgeToken(good, 'some other secret, also long enough to sign'),
    unsigned: (good) => forgeToken(good, '', { alg: 'none' }).replace(/[^.]*$/, ''),
    'of an algorithm it was not made for': (good) => forgeToken(good, undefined, { alg: 'RS256' }),
    expired: (good) => forgeToken({ ...good, exp: inSeconds(-60) }),
    'without end': ({ sub, tid }) => forgeToken({ sub, tid }),
    'of an unknown user': (good) => forgeToken({ ...good, sub: stranger }),
    'of an unknown tenant': (good) => forgeToken({ ...good, tid: stranger }),
    'without a tenant': ({ sub, exp }) => forgeToken({ sub, exp }),
  };

  test.each(Object.entries(cases))('%s: unauthorized', async (_, forge) => {
    const client = system.dial();
    await client.opened();
    client.sendRaw(JSON.stringify({ t: 'auth', jwt: forge(claimsOf(room.users.ann.token)) || '?' }));
    expect(await client.closed).toMatchObject({ code: CLOSE.unauthorized });
    expect(client.frames).toMatchObject([{ t: 'error', code: 'unauthorized' }]);
  });

  test('the answer is the same for all of them, in the URL too', async () => {
    const answers = await Promise.all(
      Object.values(cases).map(async (forge) => {
        const client = system.dial({ token: forge(claimsOf(room.users.ann.token)) });
        const { code } = await client.closed;
        return JSON.stringify([code, client.frames]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });

  test('the user of another tenant is unknown in this one', async () => {
    const other = await newRoom(system, 'eve');
    const { sub, exp } = claimsOf(other.users.eve.token);
    const client = system.dial({ token: forgeToken({ sub, exp, tid: room.tid }) });
    expect(await client.closed).toMatchObject({ code: CLOSE.unauthorized });
  });
});

test('[AUTH-6] clocks may differ by the leeway', async () => {
  const good = claimsOf(room.users.ann.token);
  const within = await system.connect({
    token: forgeToken({ ...good, exp: inSeconds(-LIMITS.tokenLeewayMs / 2_000) }),
  });
  expect(within.frames[0]?.t).toBe('ready');
  const beyond = system.dial({ token: forgeToken({ ...good, exp: inSeconds(-LIMITS.tokenLeewayMs / 1_000 - 2) }) });
  expect(await beyond.closed).toMatchObject({ code: CLOSE.unauthorized });
});

test('[AUTH-11] a token has one bound, however it comes', async () => {
  const good = claimsOf(room.users.ann.token);
  const withPad = (pad: number) => forgeToken({ ...good, pad: 'x'.repeat(pad) });
  const most = Math.floor((LIMITS.tokenBytes - withPad(0).length) * 0.75);
  const ways: Record<string, (token: string) => Promise<RawClient>> = {
    url: async (token) => system.dial({ token }),
    frame: async (token) => {
      const client = system.dial();
      await client.opened();
      client.sendFrame({ t: 'auth', jwt: token });
      return client;
    },
  };
  for (const open of Object.values(ways)) {
    await (await open(withPad(most))).record.next('ready');
    for (const pad of [most + 6, most + 400]) {
      const refused = await open(withPad(pad));
      expect(await refused.closed).toMatchObject({ code: CLOSE.unauthorized });
      expect(refused.frames).toMatchObject([{ t: 'error', code: 'unauthorized' }]);
    }
  }
});

test('[AUTH-7] an auth frame renews the session and leaves it as it was', async () => {
  const { cid, tenant, users } = room;
  const client = await system.connect(await tenant.user('ann', { ttlSeconds: 1 }));
  const { sid } = client.record.of('ready')[0]!;
  await client.join(cid);
  client.sendFrame({ t: 'auth', jwt: users.ann.token });
  const renewed = await client.record.next('ready', {}, { from: 1 });
  expect(renewed.sid).toBe(sid);
  const bob = await system.connect(users.bob, { gateway: 1 });
  // The first token is beyond its leeway when a session that had the same one, not renewed, is gone.
  const lapsing = await system.connect(await tenant.user('ann', { ttlSeconds: 1 }));
  await lapsing.closed;
  const seq = await bob.sayAndWait(cid, 'still there?');
  await client.record.next('message', { cid, seq });
});

test.each(['another user', 'another tenant', 'a bad token'])(
  '[AUTH-8] renewal with %s ends the session',
  async (how) => {
    const client = await system.connect(room.users.ann);
    const jwt = {
      'another user': async () => room.users.bob.token,
      'another tenant': async () => (await newRoom(system, 'ann')).users.ann.token,
      'a bad token': async () => 'nonsense',
    }[how]!;
    client.sendFrame({ t: 'auth', jwt: await jwt() });
    expect(await client.closed).toMatchObject({ code: CLOSE.unauthorized });
    expect(client.frames.at(-1)).toMatchObject({ t: 'error', code: 'unauthorized' });
  },
);

test('[AUTH-9] a session ends when its token expires', async () => {
  const start = performance.now();
  const client = await system.connect(await room.tenant.user('ann', { ttlSeconds: 1 }));
  expect(await client.closed).toMatchObject({ code: CLOSE.unauthorized });
  expect(performance.now() - start).toBeGreaterThan(LIMITS.tokenLeewayMs * 0.8);
  expect(client.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'expired' });
});

test('[AUTH-10] without a chat-service a token cannot be checked', async () => {
  const alone = await startSystem({ gateways: 1, chatServices: 0 });
  try {
    const client = alone.dial({ token: room.users.ann.token });
    expect(await client.closed).toMatchObject({ code: CLOSE.tooFarBehind });
    expect(client.frames).toMatchObject([{ t: 'error', code: 'unavailable' }]);
  } finally {
    await alone.stop();
  }
});
