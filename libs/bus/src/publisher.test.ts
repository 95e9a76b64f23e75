import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import type { Bus, Waiter } from './bus.ts';
import { BusError } from './bus-error.ts';
import { createPublisher } from './publisher.ts';

/** A bus whose answers are given by the test. Disconnected, it fails at once as the real one does. */
function heldBus() {
  const asked: { payload: string; waiter: Waiter }[] = [];
  const live: string[] = [];
  const bus: Pick<Bus, 'ask' | 'publish'> & { connected: boolean } = {
    connected: true,
    publish: (_subject, payload) => live.push(new TextDecoder().decode(payload as Uint8Array)) > 0,
    ask(subject, payload, _options, waiter) {
      if (!bus.connected) waiter.failed(new BusError('disconnected', subject));
      else asked.push({ payload: new TextDecoder().decode(payload as Uint8Array), waiter });
    },
  };
  const acknowledge = (index: number) =>
    asked[index]!.waiter.answered(Buffer.from(JSON.stringify({ stream: 'CHAT', seq: index + 1 })));
  return { bus, asked, live, acknowledge };
}

test('keeps at most a window in flight, in items and in bytes; the rest waits in order, up to a bound', async () => {
  const { bus, asked, acknowledge } = heldBus();
  const publisher = createPublisher(bus, { ackTimeoutMs: 1, window: 3, windowBytes: 10, maxWaiting: 2 });
  const payloads = ['1234', '1234', '1234', '12'];
  const results = payloads.map((payload, n) => publisher.publish('subject', payload, String(n)));
  expect([publisher.inFlight, publisher.waiting, asked.length]).toEqual([2, 2, 2]);
  await expect(publisher.publish('subject', '', 'too many')).rejects.toMatchObject({ reason: 'busy' });
  acknowledge(0);
  expect([publisher.inFlight, publisher.waiting, asked.length]).toEqual([3, 0, 4]);
  for (const index of [1, 2, 3]) acknowledge(index);
  expect((await Promise.all(results)).map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3, 4]);
  expect(asked.map(({ payload }) => payload)).toEqual(payloads);
  expect([publisher.inFlight, publisher.waiting]).toEqual([0, 0]);
});

test('a break rejects everything that waits, however long the queue', async () => {
  const { bus, asked } = heldBus();
  const publisher = createPublisher(bus, { ackTimeoutMs: 1, window: 1 });
  const results = Array.from({ length: 16_000 }, (_, n) => publisher.publish('subject', '', String(n)));
  expect([asked.length, publisher.waiting]).toEqual([1, 15_999]);
  bus.connected = false;
  asked[0]!.waiter.failed(new BusError('disconnected', 'subject'));
  const outcomes = await Promise.allSettled(results);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect([publisher.inFlight, publisher.waiting]).toEqual([0, 0]);
});

test('when the stream acknowledges nothing, whoever listens still gets everything, in order and at once', async () => {
  const { bus, asked, live, acknowledge } = heldBus();
  const clock = new VirtualClock();
  const publisher = createPublisher(bus, { ackTimeoutMs: 5_000, window: 2, liveAfterMs: 500, clock });
  const publish = (payload: string) => publisher.publish('subject', payload, payload);
  const first = ['1', '2', '3', '4'].map(publish);
  expect([asked.length, publisher.waiting, publisher.silence]).toEqual([2, 2, undefined]);

  clock.advance(500);
  const fifth = publish('5');
  expect([live, publisher.waiting]).toEqual([['3', '4', '5'], 0]);
  for (const left of [first[2], first[3], fifth]) await expect(left).rejects.toMatchObject({ reason: 'timeout' });

  // Nothing is under way any more: the next one asks again, alone.
  for (const { waiter } of asked.splice(0)) waiter.failed(new BusError('timeout', 'subject'));
  for (const failed of first.slice(0, 2)) await expect(failed).rejects.toMatchObject({ reason: 'timeout' });
  expect(publisher.silence).toEqual({ since: 0, last: 500 });
  const probe = publish('6');
  await expect(publish('7')).rejects.toMatchObject({ reason: 'timeout' });
  expect([asked.length, live]).toEqual([1, ['3', '4', '5', '7']]);

  acknowledge(0);
  await probe;
  expect(publisher.silence).toBeUndefined();
  void publish('8');
  void publish('9');
  expect([asked.length, live.length]).toEqual([3, 4]);
});

test('a stream that is only slow, a break, and what is never sent are no silence', async () => {
  const { bus, asked, live, acknowledge } = heldBus();
  const clock = new VirtualClock();
  const publisher = createPublisher(bus, { ackTimeoutMs: 5_000, window: 2, liveAfterMs: 500, clock });
  const results = ['1', '2', '3'].map((payload) => publisher.publish('subject', payload, payload).catch(() => {}));
  clock.advance(400);
  acknowledge(0);
  clock.advance(400);
  expect(publisher.inFlight).toBe(2);
  const next = publisher.publish('subject', '4', '4').catch(() => {});
  expect([live, publisher.waiting]).toEqual([[], 1]);
  bus.connected = false;
  for (const { waiter } of asked.slice(1)) waiter.failed(new BusError('disconnected', 'subject'));
  await Promise.all([...results, next]);
  clock.advance(10_000);
  expect(publisher.silence).toBeUndefined();
});
