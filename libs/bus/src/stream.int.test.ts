import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '@messagecore/dev-servers';
import { STREAM, subjects } from '@messagecore/protocol/bus';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { StreamBus } from './bus.ts';
import { createPublisher } from './publisher.ts';
import { ensureStream, ensureStreamReport, purgeStream, streamState } from './stream.ts';
import { connected, text, useNats, watchStatus } from './test-helpers.ts';

const nats = useNats();
const subject = subjects.conversation('0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d001', 'c', 'msg');

beforeEach(async () => {
  await nats.server.kill();
  await nats.server.wipeStore();
  await nats.server.restart();
});

test('is made once, however many want it at the same time', async () => {
  const buses = await Promise.all([connected(nats.server), connected(nats.server), connected(nats.server)]);
  expect(await streamState(buses[0])).toBeUndefined();
  const states = await Promise.all(buses.map((bus) => ensureStream(bus)));
  expect(new Set(states.map(({ createdAt }) => createdAt)).size).toBe(1);
  expect(await streamState(buses[0])).toEqual({ createdAt: states[0]!.createdAt, lastSeq: 0 });
});

test('takes new settings without losing what it holds', async () => {
  const bus = await connected(nats.server);
  const made = await ensureStream(bus, { maxAgeMs: 60_000, duplicateWindowMs: 30_000 });
  await createPublisher(bus, { ackTimeoutMs: 30_000 }).publish(subject, 'x', '1');
  expect(await ensureStream(bus, { maxAgeMs: 120_000, maxBytes: 1_000_000 })).toEqual({ ...made, lastSeq: 1 });
  const answer = await bus.request(`$JS.API.STREAM.INFO.${STREAM}`, '', { timeoutMs: 20_000 });
  expect(JSON.parse(text(answer))).toMatchObject({
    config: { max_age: 120_000 * 1e6, duplicate_window: 120_000 * 1e6, max_bytes: 1_000_000 },
  });
});

test('what it keeps of one tenant is deleted, and of others kept', async () => {
  const bus = await connected(nats.server);
  const tid = '0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d001';
  expect(await purgeStream(bus, subjects.ofConversations(tid))).toBe(0);
  await ensureStream(bus);
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  for (const n of ['1', '2']) await publisher.publish(subject, 'x', n);
  await publisher.publish(subjects.conversation('0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d002', 'c', 'msg'), 'x', '3');
  expect(await purgeStream(bus, subjects.ofConversations(tid))).toBe(2);
  expect(await purgeStream(bus, subjects.ofConversations(tid))).toBe(0);
  const answer = await bus.request(`$JS.API.STREAM.INFO.${STREAM}`, '', { timeoutMs: 20_000 });
  expect(JSON.parse(text(answer)).state).toMatchObject({ messages: 1, last_seq: 3 });
});

test('a store that the server cannot make for a moment is asked for again, and not for ever', async () => {
  const bus = await connected(nats.server);
  const refused = JSON.stringify({ error: { err_code: 10_077, description: 'error creating store for stream' } });
  const created: string[] = [];
  const refusing = (times: number): Pick<StreamBus, 'request'> => ({
    async request(subject, ...rest) {
      if (!subject.startsWith('$JS.API.STREAM.CREATE.')) return bus.request(subject, ...rest);
      created.push(subject);
      return created.length <= times ? new TextEncoder().encode(refused) : bus.request(subject, ...rest);
    },
  });
  await expect(ensureStream(refusing(Infinity))).rejects.toMatchObject({ reason: 'refused' });
  expect(created).toHaveLength(3);
  created.length = 0;
  expect(await ensureStream(refusing(2))).toMatchObject({ lastSeq: 0 });
});

test('settings that the server refuses are an error that says why', async () => {
  const bus = await connected(nats.server);
  await expect(ensureStream(bus, { replicas: 3 })).rejects.toMatchObject({
    reason: 'refused',
    cause: expect.stringContaining('replicas'),
  });
});

test('keeps its identity over a kill, and has another after the loss of its store', async () => {
  const bus = await connected(nats.server);
  const before = await ensureStream(bus);
  await createPublisher(bus, { ackTimeoutMs: 30_000 }).publish(subject, 'x', '1');

  const killed = watchStatus(bus);
  await nats.server.kill();
  await nats.server.restart();
  await killed.until('reconnected');
  expect(await streamState(bus)).toEqual({ createdAt: before.createdAt, lastSeq: 1 });

  const wiped = watchStatus(bus);
  await nats.server.kill();
  await nats.server.wipeStore();
  await nats.server.restart();
  await wiped.until('reconnected');
  expect(await streamState(bus)).toBeUndefined();
  const after = await ensureStream(bus);
  expect(after.createdAt).not.toBe(before.createdAt);
  expect(after.lastSeq).toBe(0);
});

test('where the server cannot promise what is wanted, a smaller one is made, and grown when it can', async () => {
  const MIB = 1024 * 1024;
  const dataDir = mkdtempSync(join(tmpdir(), 'bus-small-'));
  const small = await startNats({ dataDir, maxFileStore: 70 * MIB, log: () => {} });
  onTestFinished(async () => {
    await small.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const bus = await connected(small);
  const others = async (operation: string, body = {}) =>
    JSON.parse(
      text(await bus.request(`$JS.API.STREAM.${operation}.OTHER`, JSON.stringify(body), { timeoutMs: 20_000 })),
    );
  const config = { name: 'OTHER', subjects: ['other.>'], storage: 'file', num_replicas: 1, max_bytes: 40 * MIB };
  expect(await others('CREATE', config)).not.toHaveProperty('error');

  expect(await ensureStreamReport(bus)).toMatchObject({ maxBytes: 16 * MIB, wantedBytes: 1024 * MIB });
  await createPublisher(bus, { ackTimeoutMs: 30_000 }).publish(subject, 'x', '1');
  expect(await ensureStreamReport(bus, { grow: true })).toMatchObject({ maxBytes: 16 * MIB });

  await others('DELETE');
  expect(await ensureStreamReport(bus)).toMatchObject({ maxBytes: 16 * MIB });
  expect(await ensureStreamReport(bus, { grow: true })).toMatchObject({ maxBytes: 64 * MIB, state: { lastSeq: 1 } });
});

test('tells how far back it reaches, and what it has discarded', async () => {
  const bus = await connected(nats.server);
  await ensureStream(bus, { maxBytes: 100_000 });
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  for (let n = 1; n <= 20; n += 1) await publisher.publish(subject, 'x'.repeat(10_000), String(n));
  const { firstSeq, bytes, state } = await ensureStreamReport(bus, { maxBytes: 100_000 });
  expect(state.lastSeq).toBe(20);
  expect(firstSeq).toBeGreaterThan(10);
  expect(bytes).toBeLessThanOrEqual(100_000);
});
