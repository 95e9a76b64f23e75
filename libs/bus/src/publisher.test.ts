import { expect, test } from 'vitest';
import type { Bus, Waiter } from './bus.ts';
import { createPublisher } from './publisher.ts';

/** A bus whose answers are given by the test. */
function heldBus() {
  const asked: { payload: string; waiter: Waiter }[] = [];
  const bus: Pick<Bus, 'ask' | 'connected'> = {
    connected: true,
    ask: (_subject, payload, _options, waiter) =>
      void asked.push({ payload: new TextDecoder().decode(payload as Uint8Array), waiter }),
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
