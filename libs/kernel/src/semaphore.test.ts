import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

test('a semaphore runs so many at once, in order, also when one fails', async () => {
  const semaphore = new Semaphore(2);
  const log: number[] = [];
  const open: (() => void)[] = [];
  const task = (n: number) => async () => {
    log.push(n);
    await new Promise<void>((resolve) => open.push(resolve));
    if (n === 1) throw new Error('one');
    return n;
  };
  const all = Promise.allSettled([1, 2, 3, 4].map((n) => semaphore.run(task(n))));
  await new Promise(setImmediate);
  expect(log).toEqual([1, 2]);
  while (open.length > 0) {
    open.shift()!();
    await new Promise(setImmediate);
  }
  expect(log).toEqual([1, 2, 3, 4]);
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(semaphore.isIdle).toBe(true);
});
