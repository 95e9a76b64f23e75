import { deferred } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

test('a lone call goes at once; what comes while it is under way goes together', async () => {
  const batches: (readonly number[])[] = [];
  const first = deferred();
  const double = coalesce(async (items: readonly number[]) => {
    batches.push(items);
    if (batches.length === 1) await first.promise;
    return items.map((item) => item * 2);
  }, 3);

  const results = [1, 2, 3, 4, 5].map((item) => double(item));
  expect(batches).toEqual([[1]]);
  first.resolve();
  expect(await Promise.all(results)).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1], [2, 3, 4], [5]]);
});

test('a batch that fails fails its own items alone', async () => {
  let calls = 0;
  const run = coalesce(async (items: readonly string[]) => {
    calls += 1;
    if (calls === 2) throw new Error('second');
    return items;
  });
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((item) => run(item)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await run('d')).toBe('d');
});
