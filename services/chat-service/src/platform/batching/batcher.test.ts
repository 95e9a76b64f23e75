import { type Deferred, deferred } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batcher, type BatcherOptions } from './batcher.ts';

interface Item {
  readonly key: string;
  readonly id: string;
  readonly bytes?: number;
}

interface Run {
  readonly items: readonly Item[];
  readonly outcome: Deferred<readonly (string | ChatError)[]>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A batcher whose batches end when the test says so; items settle with their own id. */
function setUp(more: Partial<BatcherOptions<Item, string>> = {}) {
  const runs: Run[] = [];
  const soon: (() => void)[] = [];
  const batcher = new Batcher<Item, string>({
    run(items) {
      const outcome = deferred<readonly (string | ChatError)[]>();
      runs.push({ items, outcome });
      return outcome.promise;
    },
    keyOf: ({ key }) => key,
    identityOf: ({ id }) => id,
    bytesOf: ({ bytes = 1 }) => bytes,
    maxInFlight: 2,
    maxItems: 512,
    maxBytes: 1_000,
    minShare: 1_000,
    maxPending: 10_000,
    maxPendingBytes: 10_000,
    defer: (fn) => soon.push(fn),
    ...more,
  });
  const tick = async () => {
    for (const fn of soon.splice(0)) fn();
    await settled();
  };
  return {
    batcher,
    runs,
    tick,
    /** Adds `key:id` items. Their outcomes; a refusal is its code. */
    add(...names: string[]): { outcomes: () => Promise<string[]> } {
      const added = names.map((name) => {
        const [key = '', id = ''] = name.split(':');
        return batcher.add({ key, id }).catch((error: ChatError) => error.code);
      });
      return { outcomes: () => Promise.all(added) };
    },
    async end(n: number, outcomes?: readonly (string | ChatError)[]) {
      const run = runs[n]!;
      run.outcome.resolve(outcomes ?? run.items.map(({ id }) => id));
      await settled();
      await tick();
    },
    names: (n: number) => runs[n]?.items.map(({ key, id }) => `${key}:${id}`),
  };
}

describe('batches', () => {
  test('what comes together goes together, as soon as there is a slot', async () => {
    const { add, tick, names, runs } = setUp();
    add('a:1', 'b:1', 'a:2');
    expect(runs).toHaveLength(0);
    await tick();
    expect(names(0)).toEqual(['a:1', 'a:2', 'b:1']);
    expect(runs).toHaveLength(1);
  });

  test('what arrives while batches are under way is the next batch', async () => {
    const { add, tick, end, names, runs } = setUp();
    add('a:1');
    await tick();
    add('b:1');
    await tick();
    add('c:1', 'd:1');
    await tick();
    add('e:1');
    expect(runs).toHaveLength(2);
    await end(0);
    expect(names(2)).toEqual(['c:1', 'd:1', 'e:1']);
  });

  test('a key under way waits, and only that key', async () => {
    const { add, tick, end, names, runs } = setUp();
    add('a:1');
    await tick();
    add('a:2', 'b:1', 'a:3');
    await tick();
    expect(names(1)).toEqual(['b:1']);
    await end(1);
    expect(runs).toHaveLength(2);
    await end(0);
    expect(names(2)).toEqual(['a:2', 'a:3']);
  });

  test('twins never meet; what stands behind the second waits with it', async () => {
    const { add, tick, end, names } = setUp();
    add('a:1', 'a:2', 'a:1', 'a:3', 'b:1');
    await tick();
    expect(names(0)).toEqual(['a:1', 'a:2', 'b:1']);
    await end(0);
    expect(names(1)).toEqual(['a:1', 'a:3']);
  });

  test('a batch is bounded in items and bytes; one item larger than that goes alone', async () => {
    const { batcher, tick, runs } = setUp({ maxItems: 3, maxBytes: 10, maxInFlight: 9 });
    for (const [n, bytes] of [4, 4, 4, 50, 1, 1, 1, 1].entries()) {
      void batcher.add({ key: `k${n}`, id: 'x', bytes });
    }
    await tick();
    expect(runs.map(({ items }) => items.map(({ bytes }) => bytes))).toEqual([[4, 4], [4], [50], [1, 1, 1], [1]]);
  });

  test('what waits is divided over the free slots, keys undivided, shares not too small', async () => {
    const { add, tick, names, runs } = setUp({ minShare: 2 });
    add('a:1', 'b:1', 'b:2', 'b:3', 'c:1', 'd:1');
    await tick();
    expect([names(0), names(1)]).toEqual([
      ['a:1', 'b:1', 'b:2', 'b:3'],
      ['c:1', 'd:1'],
    ]);
    const small = setUp({ minShare: 3 });
    small.add('a:1', 'b:1', 'c:1');
    await small.tick();
    expect(small.runs).toHaveLength(1);
    expect(runs).toHaveLength(2);
  });

  test('keys take turns to put items into a batch, however much one of them has waiting', async () => {
    const { add, tick, end, names } = setUp({ maxItems: 2, maxInFlight: 1 });
    add('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'b:1', 'c:1');
    await tick();
    await end(0);
    await end(1);
    expect([names(0), names(1), names(2)]).toEqual([
      ['a:1', 'b:1'],
      ['c:1', 'a:2'],
      ['a:3', 'a:4'],
    ]);
  });

  test('owners take turns to name keys, however many keys one of them has', async () => {
    const { add, tick, names } = setUp({ maxItems: 4, maxInFlight: 1, ownerOf: ({ key }) => key.slice(0, 1) });
    add('a1:1', 'a2:1', 'a3:1', 'a4:1', 'a5:1', 'b1:1', 'b2:1', 'c1:1');
    await tick();
    expect(names(0)).toEqual(['a1:1', 'b1:1', 'c1:1', 'a2:1']);
  });

  test('one that may have one key a batch has each in a batch of its own', async () => {
    const { add, tick, names } = setUp({ maxKeys: 1, minShare: 1 });
    add('a:1', 'b:1', 'a:2', 'c:1');
    await tick();
    expect([names(0), names(1), names(2)]).toEqual([['a:1', 'a:2'], ['b:1'], undefined]);
  });
});

describe('shards', () => {
  const sharded = { shardOf: ({ key }: Item) => key.slice(0, 1) };

  test('a batch has keys of one shard, that of whoever waits for longest', async () => {
    const { add, tick, names } = setUp({ ...sharded, maxInFlight: 3 });
    add('b1:1', 'a1:1', 'b2:1', 'a2:1', 'a1:2', 'c1:1');
    await tick();
    expect([names(0), names(1), names(2)]).toEqual([['b1:1', 'b2:1'], ['a1:1', 'a1:2', 'a2:1'], ['c1:1']]);
  });

  test('a shard with much to do leaves the others their turns', async () => {
    const { add, tick, end, names } = setUp({
      ...sharded,
      maxInFlight: 1,
      maxItems: 2,
      ownerOf: ({ key }) => key.slice(1),
    });
    add('a1:1', 'a2:1', 'a3:1', 'a4:1', 'b5:1');
    await tick();
    add('a1:2', 'a2:2');
    await end(0);
    await end(1);
    expect([names(0), names(1), names(2)]).toEqual([['a1:1', 'a2:1'], ['a3:1', 'a4:1'], ['b5:1']]);
  });
});

describe('lanes', () => {
  /** `key:lane+id` items. */
  const laned = { laneOf: ({ id }: Item) => id.split('+')[0] ?? '', identityOf: ({ id }: Item) => id.split('+')[1] };

  test('lanes of a key take turns, and what they give comes in the order added', async () => {
    const { add, tick, end, names } = setUp({ ...laned, maxItems: 4, maxInFlight: 1 });
    add('a:x+1', 'a:x+2', 'a:x+3', 'a:x+4', 'a:y+5', 'a:z+6');
    await tick();
    await end(0);
    expect([names(0), names(1)]).toEqual([
      ['a:x+1', 'a:x+2', 'a:y+5', 'a:z+6'],
      ['a:x+3', 'a:x+4'],
    ]);
  });

  test('[IDM-2] whoever fills a key with one identity holds up the own lane alone', async () => {
    const { add, tick, end, names } = setUp({ ...laned, maxInFlight: 1 });
    add('a:x+0');
    await tick();
    add(...Array.from({ length: 500 }, () => 'a:x+1'), 'a:x+2', 'a:y+3');
    await end(0);
    expect(names(1)).toEqual(['a:x+1', 'a:y+3']);
    await end(1);
    expect(names(2)).toEqual(['a:x+1']);
  });

  test('a failure that stays in its lane takes only what is behind it there', async () => {
    const late = new ChatError('unavailable', 'late');
    const { add, tick, end, names } = setUp({ ...laned, staysInLane: (error) => error === late });
    const first = add('a:x+1');
    await tick();
    const behind = add('a:x+2');
    add('a:y+3');
    await end(0, [late]);
    expect([await first.outcomes(), await behind.outcomes()]).toEqual([['unavailable'], ['unavailable']]);
    expect(names(1)).toEqual(['a:y+3']);
  });
});

describe('repeats', () => {
  const sharing = { merge: (earlier: Item, later: Item) => (earlier.bytes === later.bytes ? earlier : undefined) };

  test('[IDM-4] a stranger behind 500 repeats of one item waits for one batch, and all have the same outcome', async () => {
    const more = { ...sharing, repeated: (outcome: string) => `${outcome}!`, maxPendingBytes: 1_000_000 };
    const { add, tick, end, runs, names } = setUp({ ...more, maxInFlight: 1 });
    const first = add('a:1');
    await tick();
    const repeats = add(...Array.from({ length: 500 }, () => 'a:1'));
    const stranger = add('a:2');
    await end(0);
    expect(names(1)).toEqual(['a:2']);
    await end(1);
    expect(await stranger.outcomes()).toEqual(['2']);
    expect(await first.outcomes()).toEqual(['1']);
    expect(new Set(await repeats.outcomes())).toEqual(new Set(['1!']));
    expect(runs).toHaveLength(2);
  });

  test('also while the first one waits, and its refusal', async () => {
    const { add, tick, end, names } = setUp({ ...sharing, maxInFlight: 1 });
    add('a:0');
    await tick();
    const all = add('a:1', 'a:1', 'a:1');
    await end(0);
    expect(names(1)).toEqual(['a:1']);
    await end(1, [new ChatError('muted')]);
    expect(await all.outcomes()).toEqual(['muted', 'muted', 'muted']);
  });

  test('something else under the same identity is no repeat', async () => {
    const { batcher, add, tick, end, names } = setUp({ ...sharing, maxInFlight: 1 });
    add('a:1');
    void batcher.add({ key: 'a', id: '1', bytes: 7 });
    await tick();
    expect(names(0)).toEqual(['a:1']);
    await end(0);
    expect(names(1)).toEqual(['a:1']);
  });

  test('once it has settled, the next one is another item', async () => {
    const { add, tick, end, runs } = setUp(sharing);
    add('a:1');
    await tick();
    await end(0);
    add('a:1');
    await tick();
    expect(runs).toHaveLength(2);
  });

  test('their number is told when they are answered, and they count as waiting until then', async () => {
    const told: number[] = [];
    const { add, tick, end } = setUp({ ...sharing, maxPending: 4, onRepeats: (_, repeats) => told.push(repeats) });
    add('a:1', 'a:1', 'a:1', 'a:1');
    expect(await add('b:1').outcomes()).toEqual(['unavailable']);
    await tick();
    await end(0);
    expect(told).toEqual([3]);
    const after = add('b:1', 'b:2', 'b:3', 'b:4');
    await tick();
    await end(1);
    expect(await after.outcomes()).toEqual(['1', '2', '3', '4']);
  });
});

describe('outcomes', () => {
  test('each item gets its own; a refusal touches nobody else', async () => {
    const { add, tick, end } = setUp();
    const added = add('a:1', 'a:2', 'b:1');
    await tick();
    add('a:3');
    await end(0, ['first', new ChatError('muted'), 'third']);
    expect(await added.outcomes()).toEqual(['first', 'muted', 'third']);
  });

  test('what stands behind an unknown outcome of its key fails with it; other keys go on', async () => {
    const { add, tick, end, names } = setUp();
    const first = add('a:1', 'b:1');
    await tick();
    const behind = add('a:2', 'a:3');
    add('b:2');
    await end(0, [new ChatError('unavailable'), 'b']);
    expect(await first.outcomes()).toEqual(['unavailable', 'b']);
    expect(await behind.outcomes()).toEqual(['unavailable', 'unavailable']);
    expect(names(1)).toEqual(['b:2']);
    add('a:4');
    await tick();
    expect(names(2)).toEqual(['a:4']);
  });

  test('a run that rejects fails its batch', async () => {
    const { add, tick, runs } = setUp();
    const added = add('a:1', 'b:1');
    await tick();
    runs[0]?.outcome.reject(new Error('no'));
    expect(await added.outcomes()).toEqual(['internal', 'internal']);
  });
});

describe('bounds', () => {
  test('above the bound of items or bytes the answer is `unavailable` with advice when to come back', async () => {
    const items = setUp({ maxPending: 2 });
    items.add('a:1', 'a:2');
    expect(await items.add('a:3').outcomes()).toEqual(['unavailable']);
    await expect(items.batcher.add({ key: 'a', id: '4' })).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    await items.tick();
    expect(items.batcher.pending).toBe(0);
    items.add('a:5');
    expect(items.batcher.pending).toBe(1);
  });

  test('no smaller item is let in after a larger one was refused', async () => {
    const { batcher } = setUp({ maxPendingBytes: 10 });
    void batcher.add({ key: 'a', id: '1', bytes: 9 });
    void batcher.add({ key: 'a', id: '2', bytes: 500 });
    await expect(batcher.add({ key: 'a', id: '3', bytes: 500 })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(batcher.add({ key: 'a', id: '4', bytes: 1 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('one owner leaves room for the next, however much the first one adds', async () => {
    const half = { of: ({ key }: Item) => key.slice(0, 1), part: 1 };
    const { add, batcher } = setUp({ maxPending: 100, shares: [half] });
    const waits = async (owner: string, count: number) => {
      const before = batcher.pending;
      add(...Array.from({ length: count }, (_, n) => `${owner}:${n}`));
      return batcher.pending - before;
    };
    expect([await waits('a', 200), await waits('b', 200), await waits('c', 200)]).toEqual([50, 25, 13]);
  });

  test('close lets go when all has settled, and takes nothing more', async () => {
    const { batcher, add, tick, end } = setUp({ maxInFlight: 1, maxItems: 1 });
    const added = add('a:1', 'b:1');
    let closed = false;
    const closing = batcher.close().then(() => (closed = true));
    expect(await add('a:2').outcomes()).toEqual(['unavailable']);
    await tick();
    await end(0);
    expect(closed).toBe(false);
    await end(1);
    await closing;
    expect(await added.outcomes()).toEqual(['1', '1']);
    await batcher.close();
  });
});

test('[SEQ-3] whatever arrives and ends in whatever order: order by key, no key twice under way, nothing lost', async () => {
  const arrivals = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), gap: fc.boolean() }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.array(fc.nat(3), { maxLength: 80 }), fc.boolean(), async (items, ends, sharded) => {
      const shardOf = ({ key }: Item) => (key === 'a' ? '0' : '1');
      const { add, runs, tick, end, names } = setUp({ maxItems: 4, ...(sharded && { shardOf }) });
      const open = () => runs.flatMap((run, n) => (ended.has(n) ? [] : [n]));
      const ended = new Set<number>();
      const check = () => {
        expect(open().length).toBeLessThanOrEqual(2);
        const keys = open().flatMap((n) => [...new Set(runs[n]!.items.map(({ key }) => key))]);
        expect(new Set(keys).size).toBe(keys.length);
        const shards = runs.map((run) => new Set(run.items.map(shardOf)).size);
        if (sharded) expect(shards.every((count) => count === 1)).toBe(true);
      };
      const added: { outcomes: () => Promise<string[]> }[] = [];
      const choices = [...ends];
      for (const [n, { key, gap }] of items.entries()) {
        added.push(add(`${key}:${n}`));
        if (!gap) continue;
        await tick();
        check();
        const [next] = open().slice(choices.pop() ?? 0);
        if (next !== undefined) {
          ended.add(next);
          await end(next);
        }
      }
      await tick();
      for (let [next] = open(); next !== undefined; [next] = open()) {
        check();
        ended.add(next);
        await end(next);
      }
      const outcomes = await Promise.all(added.map((each) => each.outcomes()));
      expect(outcomes.flat()).toEqual(items.map((_, n) => String(n)));
      for (const key of ['a', 'b', 'c']) {
        const order = runs.flatMap((_, n) => names(n)!).filter((name) => name.startsWith(key));
        expect(order).toEqual(items.flatMap((item, n) => (item.key === key ? [`${key}:${n}`] : [])));
      }
    }),
  );
});
