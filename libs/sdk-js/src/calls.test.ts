/** Operations: `client.call`. */
import type { UpFrameOf } from '@messagecore/protocol';
import { CLIENT_LIMITS } from '@messagecore/protocol/constants';
import { expect, test, vi } from 'vitest';
import {
  breakConnection,
  connected,
  type FakeGateway,
  type FakeSocket,
  ROOM,
  settle,
  YOU,
} from './test/fake-gateway.ts';

type Call = UpFrameOf<'call'>;
const WAIT_MS = 30_000;

/** Answers calls in this way; without an answer they stay under way. */
function answering(gateway: FakeGateway, answer?: (socket: FakeSocket, call: Call) => void): void {
  gateway.instead = (socket, frame) => {
    if (frame.t !== 'call') return false;
    answer?.(socket, frame);
    return true;
  };
}
const done = (socket: FakeSocket, { ref }: Call, data?: unknown) => socket.push({ t: 'result', ref, data });
const calls = (gateway: FakeGateway) => gateway.sockets.flatMap((socket) => socket.frames('call'));
/** Until so many calls have reached the gateway. */
const called = (gateway: FakeGateway, count = 1) =>
  vi.waitUntil(() => calls(gateway).length >= count, { timeout: WAIT_MS, interval: 1 });
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  );

test('[CALL-1] a call is a frame, and gives the data of its result', async () => {
  const { client, gateway } = await connected();
  answering(gateway, (socket, call) =>
    done(socket, call, call.op === 'devices.list' ? { items: [], next: null } : undefined),
  );
  expect(await client.call('devices.list')).toEqual({ items: [], next: null });
  expect(await client.call('devices.revoke', { clientId: 'phone' })).toBeUndefined();
  expect(calls(gateway)).toEqual([
    { t: 'call', op: 'devices.list', ref: expect.any(String), args: {} },
    { t: 'call', op: 'devices.revoke', ref: expect.any(String), args: { clientId: 'phone' } },
  ]);
});

test('[CALL-3] the conversation of a laned call stands beside its arguments, of any other among them', async () => {
  const { client, gateway } = await connected();
  answering(gateway, (socket, call) => done(socket, call));
  await client.call('conversations.read', { cid: ROOM, pos: 3 });
  await client.call('participants.list', { cid: ROOM, limit: 5 });
  expect(calls(gateway).map(({ cid, args }) => ({ cid, args }))).toEqual([
    { cid: ROOM, args: { pos: 3 } },
    { cid: undefined, args: { cid: ROOM, limit: 5 } },
  ]);
});

test('[CALL-2] a refusal is a typed error, and an operation that this client does not know is not found', async () => {
  const { client, gateway } = await connected();
  answering(gateway, (socket, { ref }) => socket.push({ t: 'error', code: 'not_member', msg: 'no', ref }));
  expect(await outcomeOf(client.call('participants.list', { cid: ROOM }))).toBe('not_member: no');
  expect(await outcomeOf(client.call('constructor' as 'devices.list'))).toBe('not_found: no operation constructor');
});

test('[ANS-1] a call waits for the connection, and is repeated when that ends before the answer', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const list = client.call('devices.list');
  await called(gateway);
  answering(gateway, (socket, call) => done(socket, call, 'whole'));
  await breakConnection(gateway);
  expect(await list).toBe('whole');
  expect(calls(gateway)).toHaveLength(2);
  expect(new Set(calls(gateway).map(({ ref }) => ref)).size).toBe(1);
});

test('[CALL-5] what may be done once only is not repeated: that it may have been done is an error', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const once = outcomeOf(client.call('participants.join', { cid: ROOM }));
  await called(gateway);
  await breakConnection(gateway);
  expect(await once).toBe('unavailable: the connection ended before the answer');
  answering(gateway, (socket, { ref }) => socket.push({ t: 'error', code: 'unavailable', msg: 'perhaps', ref }));
  expect(await outcomeOf(client.call('participants.join', { cid: ROOM }))).toBe('unavailable: perhaps');
  expect(calls(gateway)).toHaveLength(2);
});

test('[IDM-9] what is created under a key is repeated, also when it may have been done', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const made = client.call('conversations.create', { kind: 'group', idempotencyKey: 'one' });
  await called(gateway);
  answering(gateway, (socket, call) => done(socket, call, 'made'));
  await breakConnection(gateway);
  expect(await made).toBe('made');
  expect(calls(gateway)).toHaveLength(2);
});

test('[LIM-5] what was refused as too much was not done: it is repeated when its time has come', async () => {
  const { client, gateway } = await connected();
  const refusal = { t: 'error', code: 'rate_limited', msg: '', retryAfterMs: 2_000 } as const;
  answering(gateway, (socket, { ref }) => socket.push({ ...refusal, ref }));
  const joined = client.call('participants.join', { cid: ROOM });
  await called(gateway);
  answering(gateway, (socket, call) => done(socket, call, 'joined'));
  gateway.clock.advance(1_999);
  expect(calls(gateway)).toHaveLength(1);
  gateway.clock.advance(1);
  expect(await joined).toBe('joined');
});

test('[CALL-4] no more calls are under way than a session may have; the others follow in order, each once', async () => {
  const { client, gateway } = await connected();
  const waiting: (() => void)[] = [];
  answering(gateway, (socket, call) => waiting.push(() => done(socket, call, call.args?.['clientId'])));
  const names = Array.from({ length: 40 }, (_, n) => `device-${n}`);
  const answers = names.map((clientId) => client.call('devices.revoke', { clientId }));
  await called(gateway, CLIENT_LIMITS.callsInFlight);
  await settle();
  for (let answered = 0; answered < names.length; answered += 1) {
    expect(calls(gateway).length - answered).toBeLessThanOrEqual(CLIENT_LIMITS.callsInFlight);
    gateway.clock.advance(50);
    waiting[answered]?.();
    await settle();
  }
  expect(await Promise.all(answers)).toEqual(names);
  expect(calls(gateway).map(({ args }) => args?.['clientId'])).toEqual(names);
});

test('a call without an answer in time is unavailable, connected or not, and makes room for others', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const slow = Array.from({ length: CLIENT_LIMITS.callsInFlight }, () =>
    outcomeOf(client.call('devices.list', {}, { timeoutMs: 5_000 })),
  );
  await called(gateway, slow.length);
  const next = client.call('devices.list');
  await settle();
  answering(gateway, (socket, call) => done(socket, call, 'next'));
  gateway.clock.advance(5_000);
  expect(new Set(await Promise.all(slow))).toEqual(new Set(['unavailable: no answer in time']));
  expect(await next).toBe('next');
  client.close();
  const offline = outcomeOf(client.call('devices.list'));
  await settle();
  gateway.clock.advance(30_000);
  expect(await offline).toBe('unavailable: no answer in time');
});

test('so many calls may wait, and one more is refused', async () => {
  const { client } = await connected();
  client.close();
  const waiting = Array.from({ length: 1_000 }, () => outcomeOf(client.call('devices.list', {}, { timeoutMs: 1 })));
  expect(await outcomeOf(client.call('devices.list'))).toMatch(/^rate_limited: /);
  expect(waiting).toHaveLength(1_000);
});

test('what one user called is not carried out as another', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const own = outcomeOf(client.call('devices.list'));
  await called(gateway);
  const late = outcomeOf(client.call('devices.list'));
  client.close();
  const ready = gateway.ready();
  gateway.ready = () => ({ ...ready, userId: YOU });
  client.connect();
  expect(await own).toBe('forbidden: another user is signed in now');
  expect(await late).toBe('unauthorized: the client was closed meanwhile');
  expect(gateway.live.frames('call')).toEqual([]);
});

test('[FRM-7] a call that no frame carries is refused', async () => {
  const { client, gateway } = await connected();
  answering(gateway);
  const metadata = { text: 'x'.repeat(70_000) };
  expect(await outcomeOf(client.call('conversations.create', { kind: 'group', metadata }))).toMatch(/^too_large: /);
  expect(calls(gateway)).toEqual([]);
});
