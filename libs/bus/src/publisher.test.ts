import { expect, test } from 'vitest';
import type { Bus, Waiter } from './bus.ts';
import { BusError } from './bus-error.ts';
import { createPublisher } from './publisher.ts';

/** A bus whose answers are given by the test. Disconnected, it fails at once as the real one does. */
function heldBus() {
  const asked: { payload: string; waiter: Waiter }[] = [];
  const bus: Pick<Bus, 'ask'> & { connected: boolean } = {
    connected: true,
    ask(subject, payload, _options, waiter) {
      if (!bus.connected) waiter.failed(new BusError('disconnected', subject));
      else asked.push({ payload: new TextDecoder().decode(payload as Uint8Array), waiter });
    },
  };
  const acknowledge = (index: number) =>
    asked[index]!.waiter.answered(Buffer.from(JSON.stringify({ stream: 'CHAT', seq: index + 1 })));
  return { bus, asked, acknowledge };
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
