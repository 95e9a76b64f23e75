import { waitUntil } from '@messagecore/dev-servers';
import { DownFrame, PROBLEM_JSON } from '@messagecore/protocol';
import { call, newMid, SseClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;
const streams: SseClient[] = [];

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await system.stop();
});

type From = { cid: string; since?: number }[];

async function stream(
  user: TestUser,
  from: From,
  { gateway = 0, lastEventId }: { gateway?: number; lastEventId?: string } = {},
) {
  const client = await SseClient.start({
    url: system.sse(gateway),
    token: user.token,
    from,
    ...(lastEventId !== undefined && { lastEventId }),
  });
  streams.push(client);
  return client;
}

test('[SSE-1] the frames come as events', async () => {
  const { cid, users } = room;
  const bob = await stream(users.bob, [{ cid }]);
  expect(bob.contentType).toContain('text/event-stream');
  const ann = await system.connect(users.ann, { gateway: 1 });
  await ann.join(cid);
  await bob.record.next('joined', { cid });
  const seq = await ann.sayAndWait(cid, 'over the stream\nin two lines');
  ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'edited' }, ref: 'e' });
  ann.sendFrame({ t: 'typing', cid, on: true });
  ann.sendFrame({ t: 'read', cid, pos: seq });
  for (const t of ['message', 'update', 'typing', 'read'] as const) await bob.record.next(t, { cid });
  expect(bob.record.of('message')[0]!.body).toEqual({ text: 'over the stream\nin two lines' });
  for (const { event, data, id } of bob.events) {
    const frame = DownFrame.parse(JSON.parse(data));
    expect(frame.t).toBe(event);
    if (event === 'message' || event === 'update') expect(id).not.toBe('');
  }
});

test('[SSE-2] ready, joined, replay, live: in order, once, without a hole', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const ann = await system.connect(users.ann, { gateway: 1 });
  await fill(ann, cid, 300);
  await fill(ann, other, 20);
  const enough = new AbortController();
  const talk = (async () => {
    while (!enough.signal.aborted) await fill(ann, cid, 30);
  })();
  const bob = await stream(users.bob, [
    { cid, since: 17 },
    { cid: other, since: 5 },
  ]);
  const { head } = await bob.record.next('joined', { cid });
  await bob.record.until('some live ones', () => (bob.record.seqs(cid).at(-1) ?? 0) > head + 20, 60_000);
  enough.abort();
  await talk;
  const end = await ann.sayAndWait(cid, 'the end');
  await bob.record.next('message', { cid, seq: end });
  expect(bob.record.all[0]?.t).toBe('ready');
  expect(bob.record.seqs(cid)).toEqual(range(18, end));
  await bob.record.until('the other conversation', () => bob.record.seqs(other).length > 0);
  expect(bob.record.seqs(other)[0]).toBe(6);
});

test('[SSE-3] Last-Event-ID beats since, at any gateway, for every conversation of the stream', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const ann = await system.connect(users.ann);
  const last = await fill(ann, cid, 20);
  const lastOther = await fill(ann, other, 10);
  const from: From = [
    { cid, since: 0 },
    { cid: other, since: 0 },
  ];
  const first = await stream(users.bob, from, { gateway: 0 });
  await first.record.next('message', { cid, seq: last });
  await first.record.next('message', { cid: other, seq: lastOther });
  const { lastEventId } = first;
  expect(lastEventId).not.toBe('');
  first.close();
  const end = await fill(ann, cid, 15);
  const endOther = await fill(ann, other, 15);
  const second = await stream(users.bob, from, { gateway: 1, lastEventId });
  await second.record.next('message', { cid, seq: end });
  await second.record.next('message', { cid: other, seq: endOther });
  expect(second.record.seqs(cid)).toEqual(range(last + 1, end));
  expect(second.record.seqs(other)).toEqual(range(lastOther + 1, endOther));
});

test('[SSE-3] a Last-Event-ID that was made up is not a way in', async () => {
  const { cid, users } = room;
  const foreign = await newRoom(system, 'eve');
  for (const lastEventId of [
    'nonsense',
    '-1',
    Buffer.from(JSON.stringify({ [foreign.cid]: [0, 0] })).toString('base64url'),
  ]) {
    const answer = await SseClient.open({ url: system.sse(), token: users.bob.token, from: [{ cid }], lastEventId });
    if (answer instanceof SseClient) {
      streams.push(answer);
      await answer.record.next('joined', { cid });
      expect(answer.record.of('joined').map((frame) => frame.cid)).toEqual([cid]);
    } else {
      expect(answer.status).toBe(400);
    }
  }
});

test('[SSE-4] what is refused is refused before the stream starts', async () => {
  const { cid, users, tenant } = room;
  const foreign = await newRoom(system, 'eve');
  const stranger = await tenant.user('stranger');
  const cases: [string, TestUser | { token: string }, string, number][] = [
    ['a bad token', { token: 'nonsense' }, cid, 401],
    ['an unknown conversation', users.bob, crypto.randomUUID(), 404],
    ['a foreign conversation', users.bob, foreign.cid, 404],
    ['no membership', stranger, cid, 403],
  ];
  for (const [name, { token }, asked, status] of cases) {
    const answer = await SseClient.open({ url: system.sse(), token, from: [{ cid: asked }] });
    if (answer instanceof SseClient) throw new Error(`${name}: a stream was opened`);
    expect(answer.status, name).toBe(status);
    expect(answer.contentType, name).toContain(PROBLEM_JSON);
    expect(JSON.parse(answer.body), name).toMatchObject({ status });
  }
});

test('[SSE-4] a stream of several goes on without those that are lost, and says which', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const foreign = await newRoom(system, 'eve');
  const left = await tenant.channel(users.ann);
  const bob = await stream(users.bob, [{ cid: left }, { cid, since: 0 }, { cid: foreign.cid }]);
  await bob.record.next('joined', { cid });
  await bob.record.next('error', { cid: left, code: 'not_member' });
  await bob.record.next('error', { cid: foreign.cid, code: 'not_found' });
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'still here');
  await bob.record.next('message', { cid, seq });
  const answer = await SseClient.open({
    url: system.sse(),
    token: users.bob.token,
    from: [{ cid: left }, { cid: foreign.cid }],
  });
  expect(answer).toMatchObject({ status: 403 });
});

test('[SSE-1] of one conversation the order of the address does not matter, of several it must be clear', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const ann = await system.connect(users.ann);
  const last = await fill(ann, cid, 5);
  const address = (query: string) => `${system.sse()}?token=${users.bob.token}&${query}`;
  const bob = await SseClient.start({ url: address(`since=2`), token: users.bob.token, from: [{ cid }] });
  streams.push(bob);
  await bob.record.next('message', { cid, seq: last });
  expect(bob.record.seqs(cid)).toEqual(range(3, last));
  const unclear = await fetch(address(`since=2&cid=${cid}&cid=${other}`));
  expect([unclear.status, ((await unclear.json()) as { code: string }).code]).toEqual([400, 'bad_request']);
});

test('[SSE-1] a stream is got, and from a place that is a number', async () => {
  const address = (since: string) => `${system.sse()}?token=${room.users.bob.token}&cid=${room.cid}&since=${since}`;
  for (const method of ['POST', 'PUT', 'HEAD', 'DELETE']) {
    const { status, headers } = await fetch(address('0'), { method });
    expect({ method, status, allow: headers.get('allow') }).toEqual({ method, status: 405, allow: 'GET, OPTIONS' });
  }
  for (const since of ['0x10', '1e2', '-1', '1.5', ' 7', 'NaN', '99999999999999999999']) {
    const { status, headers } = await fetch(address(encodeURIComponent(since)));
    expect({ since, status }).toEqual({ since, status: 400 });
    expect(headers.get('content-type')).toContain(PROBLEM_JSON);
  }
});

test('[SSE-5] a quiet stream gives a sign of life', async () => {
  const lively = await startSystem({ gateways: 1, gateway: { timing: { heartbeatMs: 500 } } });
  try {
    const { cid, users } = await newRoom(lively, 'ann');
    const quiet = await SseClient.start({ url: lively.sse(), token: users.ann.token, from: [{ cid }] });
    await quiet.record.next('joined');
    await waitUntil('two comments', () => quiet.comments >= 2, { timeoutMs: 20_000 });
    expect(quiet.record.all.map(({ t }) => t)).toEqual(['ready', 'joined']);
    quiet.close();
  } finally {
    await lively.stop();
  }
});

test('[SSE-6] a stream ends as a socket does', async () => {
  const { cid, tenant, users } = await newRoom(system, 'ann', 'bob');
  const gateway = await system.addGateway();
  const index = system.gateways.length - 1;
  const draining = await stream(users.ann, [{ cid }], { gateway: index });
  const expiring = await stream(await tenant.user('ann', { ttlSeconds: 1 }), [{ cid }]);
  const suspended = await stream(users.bob, [{ cid }]);
  const ended = (client: SseClient) =>
    client.record.until('the end', () => false, 30_000).catch(() => client.record.all.at(-1));
  const drained = gateway.drain();
  expect(await ended(draining)).toMatchObject({ t: 'bye', reason: 'draining' });
  await drained;
  expect(await ended(expiring)).toMatchObject({ t: 'bye', reason: 'expired' });
  await tenant.administer('suspend');
  expect(await ended(suspended)).toMatchObject({ t: 'bye', reason: 'suspended' });
});

test('[SSE-1] with POST /send as the way up it is a whole session', async () => {
  const { cid, users } = room;
  const bob = await stream(users.bob, [{ cid }]);
  await bob.record.next('joined', { cid });
  const mid = newMid();
  const { status, body } = await call<{ seq: number }>('POST', `${system.api}/send`, {
    headers: users.bob.auth,
    body: { cid, mid, clientId: 'browser', kind: 'text', body: { text: 'up by POST' } },
  });
  expect(status).toBe(201);
  await bob.record.next('message', { cid, seq: body.seq, mid });
});
