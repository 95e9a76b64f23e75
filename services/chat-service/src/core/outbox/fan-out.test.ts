import { deferred } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { createFanOut } from './fan-out.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const told: string[] = [];
  const paused: (() => void)[] = [];
  const warnings: unknown[] = [];
  const tell = createFanOut({
    announcer: { user: (_, uid) => void told.push(uid) },
    log: { warn: (what: unknown) => void warnings.push(what) },
    defer: (fn) => void paused.push(fn),
  });
  const telling = (cid: string) => ({ tid: 't', cid, event: { v: 1, event: 'conv', cid, conv: 'deleted' } }) as const;
  return {
    told,
    paused,
    warnings,
    tell: (cid: string, pages: Iterable<readonly string[]> | AsyncIterable<readonly string[]>) =>
      tell(telling(cid), pages),
    async goOn() {
      for (const resume of paused.splice(0)) resume();
      await settled();
    },
  };
}

const users = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}${n}`);

test('[LIM-11] many are told in chunks, and others between two of them', async () => {
  const { told, paused, tell, goOn } = setUp();
  const many = tell('big', [users('b', 250)]);
  await settled();
  expect(told).toHaveLength(100);
  await tell('small', [['s']]);
  expect(told.at(-1)).toBe('s');
  await goOn();
  await goOn();
  await many;
  expect(told.filter((uid) => uid !== 's')).toEqual(users('b', 250));
  expect(paused).toHaveLength(0);
});

test('events of one conversation keep their order', async () => {
  const { told, tell, goOn } = setUp();
  const added = tell('room', [users('a', 150)]);
  const removed = tell('room', [['a149 again']]);
  await settled();
  expect(told).toHaveLength(100);
  await goOn();
  await Promise.all([added, removed]);
  expect(told.slice(-2)).toEqual(['a149', 'a149 again']);
});

test('[LIM-11] pages are read one at a time', async () => {
  const { told, tell } = setUp();
  const second = deferred();
  let read = 0;
  async function* pages() {
    read += 1;
    yield ['a'];
    await second.promise;
    read += 1;
    yield ['b'];
  }
  const all = tell('room', pages());
  await settled();
  expect([read, told]).toEqual([1, ['a']]);
  second.resolve();
  await all;
  expect(told).toEqual(['a', 'b']);
});

test('a page that cannot be read is logged, and what comes next is told', async () => {
  const { told, warnings, tell } = setUp();
  await tell('room', {
    async *[Symbol.asyncIterator]() {
      yield ['a'];
      throw new Error('gone');
    },
  });
  await tell('room', [['b']]);
  expect(told).toEqual(['a', 'b']);
  expect(warnings).toHaveLength(1);
});
