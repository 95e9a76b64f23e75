import { type Deferred, deferred } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { createPublisher } from './publisher.ts';

/** Lets everything that is only waiting for promises happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('keeps at most a window in flight, in items and in bytes; the rest waits in order, up to a bound', async () => {
  const requests: { payload: string; answer: Deferred<Uint8Array> }[] = [];
  const held = {
    connected: true,
    request(_subject: string, payload: Uint8Array | string) {
      const answer = deferred<Uint8Array>();
      requests.push({ payload: typeof payload === 'string' ? payload : new TextDecoder().decode(payload), answer });
      return answer.promise;
    },
  };
  const publisher = createPublisher(held, { ackTimeoutMs: 1, window: 3, windowBytes: 10, maxWaiting: 2 });
  const results = ['1234', '1234', '1234', '12'].map((payload, n) => publisher.publish('subject', payload, String(n)));
  expect([publisher.inFlight, publisher.waiting, requests.length]).toEqual([2, 2, 2]);
  await expect(publisher.publish('subject', '', 'too many')).rejects.toMatchObject({ reason: 'busy' });
  for (let seq = 1; seq <= 4; seq += 1) {
    requests[seq - 1]!.answer.resolve(Buffer.from(JSON.stringify({ stream: 'CHAT', seq })));
    await settle();
  }
  expect((await Promise.all(results)).map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3, 4]);
  expect(requests.map(({ payload }) => payload)).toEqual(['1234', '1234', '1234', '12']);
  expect([publisher.inFlight, publisher.waiting]).toEqual([0, 0]);
});
