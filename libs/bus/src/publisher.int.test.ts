import { STREAM, subjects } from '@messagecore/protocol/bus';
import { beforeEach, expect, test } from 'vitest';
import { createPublisher } from './publisher.ts';
import { ensureStream, streamState } from './stream.ts';
import { connected, text, useNats, watchStatus } from './test-helpers.ts';

const nats = useNats();
const TENANT = '0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d001';
const subject = subjects.conversation(TENANT, '7b1e7f6e-0a55-4d5c-8a53-54c0b8a0a001', 'msg');

beforeEach(async () => {
  await nats.server.kill();
  await nats.server.wipeStore();
  await nats.server.restart();
});

test('acknowledges each publication with its place in the stream, in the order of the calls', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus);
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  const live: string[] = [];
  bus.subscribe(subject, (payload, _subject, header) => live.push(`${text(payload)} ${header('Nats-Msg-Id')}`));
  const acks = await Promise.all(
    Array.from({ length: 3_000 }, (_, n) => publisher.publish(subject, `p${n}`, `id${n}`)),
  );
  expect(acks).toEqual(acks.map((_, n) => ({ streamSeq: n + 1, duplicate: false })));
  expect(live).toEqual(acks.map((_, n) => `p${n} id${n}`));
  expect((await streamState(bus))?.lastSeq).toBe(3_000);
});

test('a repeated message id is stored once and keeps its first place', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus);
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  const [first, repeat] = await Promise.all([
    publisher.publish(subject, 'x', 'same', { traceparent: '00-1' }),
    publisher.publish(subject, 'x', 'same'),
  ]);
  expect([first, repeat]).toEqual([
    { streamSeq: 1, duplicate: false },
    { streamSeq: 1, duplicate: true },
  ]);
  expect((await streamState(bus))?.lastSeq).toBe(1);
});

test('a payload larger than the window goes alone', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus);
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000, windowBytes: 10 });
  const acks = await Promise.all(['small', 'x'.repeat(1_000), 'last'].map((p) => publisher.publish(subject, p, p)));
  expect(acks.map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3]);
});

test('without a stream the publication fails at once; with a listener but no stream, after the time-out', async () => {
  const bus = await connected(nats.server);
  const publisher = createPublisher(bus, { ackTimeoutMs: 100 });
  await expect(publisher.publish(subject, 'x', '1')).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'no_responders',
  });
  bus.subscribe(subject, () => {});
  await expect(publisher.publish(subject, 'x', '2')).rejects.toMatchObject({ code: 'unavailable', reason: 'timeout' });
  expect(publisher.inFlight).toBe(0);
});

test('an error of the stream, or an answer of somebody else, is `refused`', async () => {
  const bus = await connected(nats.server);
  bus.serve(subject, 'group', async (payload) => payload);
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  const answers = ['not JSON', '{}', '{"error":{"code":503,"description":"no space"}}'];
  for (const answer of answers)
    await expect(publisher.publish(subject, answer, answer)).rejects.toMatchObject({ reason: 'refused' });
});

test('a server killed with publications under way: each is either stored or rejected, and repeats store it once', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus);
  const status = watchStatus(bus);
  const publisher = createPublisher(bus, { ackTimeoutMs: 600_000, window: 64 });
  const outcomes = Array.from({ length: 2_000 }, (_, n) =>
    publisher.publish(subject, `p${n}`, `id${n}`).then(
      () => 'acknowledged' as const,
      (error: { reason?: string }) => error.reason,
    ),
  );
  await outcomes[100];
  await nats.server.kill();
  const results = await Promise.all(outcomes);
  expect(new Set(results)).toEqual(new Set(['acknowledged', 'disconnected']));
  expect([publisher.inFlight, publisher.waiting]).toEqual([0, 0]);
  await expect(publisher.publish(subject, 'x', 'while away')).rejects.toMatchObject({ reason: 'disconnected' });

  await nats.server.restart();
  await status.until('reconnected');
  const repeats = await Promise.all(results.map((_, n) => publisher.publish(subject, `p${n}`, `id${n}`)));
  const stored = new Set(repeats.map(({ streamSeq }) => streamSeq));
  expect(stored.size).toBe(2_000);
  expect((await streamState(bus))?.lastSeq).toBe(2_000);
  for (const [n, result] of results.entries()) if (result === 'acknowledged') expect(repeats[n]?.duplicate).toBe(true);
});

test('what the stream refuses is not taken for acknowledged', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus);
  const ask = (operation: string, body = '') =>
    bus.request(`$JS.API.STREAM.${operation}.${STREAM}`, body, { timeoutMs: 20_000 });
  const { config } = JSON.parse(text(await ask('INFO'))) as { config: object };
  await ask('UPDATE', JSON.stringify({ ...config, max_msg_size: 1 }));
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  await expect(publisher.publish(subject, 'too long', '1')).rejects.toMatchObject({
    reason: 'refused',
    cause: expect.stringContaining('size'),
  });
  expect(publisher.silence).toBeDefined();
});
