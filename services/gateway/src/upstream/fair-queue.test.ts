import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

interface Item {
  readonly owner: string;
  readonly n: number;
  readonly bytes: number;
}

function setUp(maxBytes = 100, share = 1) {
  const queue = new FairQueue<Item>({
    maxBytes,
    share,
    ownerOf: ({ owner }) => owner,
    sizeOf: ({ bytes }) => bytes,
  });
  return {
    queue,
    push: (owner: string, n: number, bytes = 1) => queue.push({ owner, n, bytes }),
    drain() {
      const order: string[] = [];
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) order.push(`${item.owner}${item.n}`);
      return order;
    },
  };
}

test('owners take turns, each in its own order', () => {
  const { queue, push, drain } = setUp();
  for (const n of [1, 2, 3]) push('a', n);
  push('b', 1);
  push('a', 4);
  push('c', 1);
  expect([queue.length, queue.peek()?.owner]).toEqual([6, 'a']);
  expect(drain()).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  expect([queue.length, queue.peek()]).toEqual([0, undefined]);
});

test('who comes back later waits for a turn, not for the queue', () => {
  const { queue, push, drain } = setUp();
  for (const n of [1, 2, 3, 4]) push('a', n);
  queue.shift();
  push('b', 1);
  expect(drain()).toEqual(['a2', 'b1', 'a3', 'a4']);
});

test('[LAG-5] one owner fills a part and leaves room for others', () => {
  const { push } = setUp(100, 1 / 4);
  const fill = (owner: string) => {
    let pushed = 0;
    while (push(owner, pushed)) pushed += 1;
    return pushed;
  };
  expect([fill('a'), fill('b'), fill('c')]).toEqual([20, 16, 13]);
});

test('an owner that holds nothing may add whatever there is room for, and what is taken is free again', () => {
  const { queue, push } = setUp(100, 1 / 4);
  expect([push('a', 1, 90), push('b', 1, 20), push('a', 2, 1)]).toEqual([true, false, false]);
  queue.shift();
  expect(push('b', 1, 90)).toBe(true);
});

test('what one owner has waiting can be taken out', () => {
  const { queue, push, drain } = setUp(10);
  for (const n of [1, 2]) push('a', n, 2);
  push('b', 1);
  expect(queue.drop('a').map(({ n }) => n)).toEqual([1, 2]);
  expect([queue.length, queue.drop('a')]).toEqual([1, []]);
  expect([push('a', 3, 9), drain()]).toEqual([true, ['b1', 'a3']]);
});
