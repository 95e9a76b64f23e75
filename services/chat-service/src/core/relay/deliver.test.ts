import type { Publisher } from '@messagecore/bus';
import { expect, test } from 'vitest';
import type { CommittedRange } from '../outbox/committed.ts';
import { deliver } from './deliver.ts';

const range = (n: number): CommittedRange => {
  return { tid: 't', cid: `c${n}`, topic: 'msg', first: 1, last: 1, frames: ['{}'] };
};

/** Acknowledges everything at once, but only when asked to. */
function heldPublisher() {
  const waiting: (() => void)[] = [];
  const publish = () => new Promise<never>((resolve) => waiting.push(resolve as () => void));
  return { waiting, publisher: { publish } as unknown as Publisher };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('has no more on its way than the publisher sends at once, however small', async () => {
  const { waiting, publisher } = heldPublisher();
  async function* ranges() {
    for (let n = 0; n < 2_000; n += 1) yield range(n);
  }
  const delivered = deliver(publisher, ranges());
  let most = 0;
  for (let done = 0; done < 2_000;) {
    await settled();
    most = Math.max(most, waiting.length);
    done += waiting.length;
    for (const acknowledge of waiting.splice(0)) acknowledge();
  }
  expect(await delivered).toBe(2_000);
  expect(most).toBeLessThan(1_024);
});
