import { expect, test } from 'vitest';
import { createBulkhead } from './bulkhead.ts';
import { deferred } from './deferred.ts';

function harness(atOnceOfOneKey = 2) {
  const through = createBulkhead({
    atOnce: 2,
    atOnceOfOneKey,
    ofOneKey: 3,
    ofAll: 5,
    refusal: () => new Error('full'),
  });
  const begun: string[] = [];
  const ask = (key: string, name: string) => {
    const gate = deferred();
    const result = through(key, async () => {
      begun.push(name);
      await gate.promise;
      return name;
    });
    return { result, gate };
  };
  return { ask, begun, through };
}

test('so many at once; of the others each key in turn, and of one key in the order asked', async () => {
  const { ask, begun } = harness();
  const [a1, a2, a3, b1] = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3'), ask('b', 'b1')];
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'a2']);
  a2.gate.resolve();
  expect(await a2.result).toBe('a2');
  for (const { gate } of [a1, a3, b1]) gate.resolve();
  expect(await Promise.all([a1.result, a3.result, b1.result])).toEqual(['a1', 'a3', 'b1']);
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('[LIM-13] of one key so many at once, and others pass it', async () => {
  const { ask, begun } = harness(1);
  const [a1, a2, b1] = [ask('a', 'a1'), ask('a', 'a2'), ask('b', 'b1')];
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'b1']);
  b1.gate.resolve();
  await b1.result;
  expect(begun).toEqual(['a1', 'b1']);
  a1.gate.resolve();
  a2.gate.resolve();
  expect(await Promise.all([a1.result, a2.result])).toEqual(['a1', 'a2']);
});

test('what is too much of one key or of all is refused, until there is room', async () => {
  const { ask } = harness();
  const taken = [ask('a', '1'), ask('a', '2'), ask('a', '3'), ask('b', '4')];
  await expect(ask('a', 'too many of a').result).rejects.toThrow('full');
  taken.push(ask('b', '5'));
  await expect(ask('c', 'too many').result).rejects.toThrow('full');
  for (const { gate } of taken) gate.resolve();
  await Promise.all(taken.map(({ result }) => result));
  const last = ask('c', 'last');
  last.gate.resolve();
  expect(await last.result).toBe('last');
});

test('without bounds all wait, and none is refused', async () => {
  const through = createBulkhead({ atOnce: 1 });
  const done: number[] = [];
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => through('a', async () => void done.push(n))));
  expect(done).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('what fails gives its place back', async () => {
  const { through } = harness();
  const fail = () => through('a', () => Promise.reject(new Error('failed')));
  for (let n = 0; n < 10; n += 1) await expect(fail()).rejects.toThrow('failed');
});

test('a key has a part of what is free: several that end nothing leave room for the next', async () => {
  const through = createBulkhead({ atOnce: 16, ofAll: 16, shareOfFree: 1 });
  const gate = deferred();
  const taken = { a: 0, b: 0, c: 0, d: 0 };
  const ended: Promise<void>[] = [];
  for (const key of ['a', 'b', 'c', 'd'] as const) {
    for (let n = 0; n < 16; n += 1) {
      const work = through(key, async () => {
        taken[key] += 1;
        await gate.promise;
      });
      ended.push(work.catch(() => {}));
    }
    await Promise.resolve();
  }
  expect(taken).toEqual({ a: 8, b: 4, c: 2, d: 1 });
  gate.resolve();
  await Promise.all(ended);
  expect(await through('e', async () => 'done')).toBe('done');
});
