import { ChatError } from '@messagecore/protocol';
import { RPC_BATCH, type RpcError } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';
import { laneOf, Lanes } from './lanes.ts';

interface Item {
  readonly cid: string;
  readonly uid: string;
  readonly n: number;
  readonly text?: string;
}
type Result = { readonly done: number };

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** A service that answers when the test says so. */
function service() {
  const requests: {
    items: Item[];
    answer: (same?: object) => Promise<void>;
    fail: (error: unknown) => Promise<void>;
  }[] = [];
  const ask = (payload: string) => {
    const { items } = JSON.parse(payload) as { items: Item[] };
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const answer = (same?: object) => {
      resolve(Buffer.from(JSON.stringify({ items: items.map(({ n }) => same ?? { done: n }) })));
      return settled();
    };
    requests.push({
      items,
      answer,
      fail: (error) => {
        reject(error);
        return settled();
      },
    });
    return promise;
  };
  return { ask, requests, asked: () => requests.map(({ items }) => items.map(({ n }) => n)) };
}

const item = (n: number, text?: string): Item => ({ cid: '0-0', uid: 'u', n, ...(text !== undefined && { text }) });

test('what is called while a request is under way makes the next one', async () => {
  const { ask, requests, asked } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: false, maxBytes: 1e6 });
  const answers = [batcher.call(item(1)), batcher.call(item(2))];
  await settled();
  answers.push(batcher.call(item(3)));
  await settled();
  answers.push(batcher.call(item(4)));
  expect(asked()).toEqual([[1, 2]]);
  await requests[0]!.answer();
  expect(asked()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await requests[1]!.answer();
  expect(await Promise.all(answers)).toEqual([{ done: 1 }, { done: 2 }, { done: 3 }, { done: 4 }]);
});

test('a request is bounded in items and in bytes', async () => {
  const { ask, requests, asked } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 8, failTogether: false, maxBytes: 1e9 });
  for (let n = 0; n < RPC_BATCH + 1; n += 1) void batcher.call(item(n));
  await settled();
  expect(requests.map(({ items }) => items.length)).toEqual([RPC_BATCH, 1]);
  for (let n = 0; n < 3; n += 1) void batcher.call(item(n, '界'.repeat(100_000)));
  await settled();
  expect(asked().slice(2)).toEqual([[0], [1], [2]]);
});

test('too much waiting is refused at once, as a value', async () => {
  const { ask } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: false, maxBytes: 100 });
  expect(await batcher.call(item(1, 'x'.repeat(200)))).toMatchObject({ error: 'unavailable', retryAfterMs: 500 });
});

test('[SEQ-3] when a request fails, what waits behind it fails too, and what comes later goes on', async () => {
  const { ask, requests, asked } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: true, maxBytes: 1e6 });
  const answers = [batcher.call(item(1))];
  await settled();
  answers.push(batcher.call(item(2)));
  await requests[0]!.fail(new ChatError('unavailable', 'gone'));
  expect(await Promise.all(answers)).toMatchObject([{ error: 'unavailable' }, { error: 'unavailable' }]);
  void batcher.call(item(3));
  await settled();
  expect(asked()).toEqual([[1], [3]]);
});

test('[SEQ-3] a request that fails takes nothing of those who had no part in it', async () => {
  const { ask, requests } = service();
  const lanes = new Lanes<Item, Result>(ask, 1, { failTogether: true });
  const of = (uid: string, n: number) => lanes.call({ ...item(n), uid });
  const first = of('a', 1);
  await settled();
  const [behind, other] = [of('a', 2), of('b', 3)];
  await requests[0]!.fail(new ChatError('unavailable', 'gone'));
  expect(await Promise.all([first, behind])).toMatchObject([{ error: 'unavailable' }, { error: 'unavailable' }]);
  await requests[1]!.answer();
  expect(await other).toEqual({ done: 3 });
});

test('an answer that makes no sense is unavailable', async () => {
  for (const answer of ['', '{}', '{"items":[]}', 'null']) {
    const batcher = new Batcher<Item, Result>({
      request: async () => Buffer.from(answer),
      concurrency: 1,
      failTogether: false,
      maxBytes: 1e6,
    });
    expect(await batcher.call(item(1))).toMatchObject({ error: 'unavailable' });
  }
});

test('[SEQ-3] a veto is asked when the turn has come, not before', async () => {
  const { ask, requests, asked } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: true, maxBytes: 1e6 });
  let refusal: RpcError | undefined;
  void batcher.call(item(1));
  await settled();
  const vetoed = batcher.call(item(2), '', () => refusal);
  const free = batcher.call(item(3), '', () => undefined);
  refusal = { error: 'rate_limited', msg: 'wait' };
  await requests[0]!.answer();
  expect(await vetoed).toEqual(refusal);
  expect(asked()).toEqual([[1], [3]]);
  await requests[1]!.answer();
  expect(await free).toEqual({ done: 3 });
});

test('[SEQ-3] whoever hears of a refusal can veto what waited behind it', async () => {
  const { ask, requests, asked } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: true, maxBytes: 1e6 });
  let refusal: RpcError | undefined;
  const send = async (n: number) => {
    const answer = await batcher.call(item(n), 'u', () => refusal);
    if ('error' in answer) refusal = answer;
    return answer;
  };
  const first = send(1);
  await settled();
  const second = send(2);
  await requests[0]!.answer({ error: 'rate_limited', msg: 'wait' });
  await settled();
  expect(asked()).toEqual([[1]]);
  expect(await Promise.all([first, second])).toMatchObject([{ error: 'rate_limited' }, { error: 'rate_limited' }]);
});

test('[LAG-5] whoever fills a lane leaves a stranger the next request, and a place in it', async () => {
  const { ask, requests } = service();
  const lanes = new Lanes<Item, Result>(ask, 1, { failTogether: true });
  const answers = Array.from({ length: 20_000 }, (_, n) => lanes.call({ ...item(n, 'x'.repeat(500)), uid: 'flood' }));
  await settled();
  const stranger = lanes.call({ ...item(-1), uid: 'stranger' });
  await requests[0]!.answer();
  expect(requests[1]!.items.map(({ uid }) => uid).indexOf('stranger')).toBe(1);
  await requests[1]!.answer();
  expect(await stranger).toEqual({ done: -1 });
  // What the lane had no room for was refused, and what it took keeps its order.
  expect(await answers.at(-1)).toMatchObject({ error: 'unavailable' });
  const order = requests.slice(0, 2).flatMap(({ items }) => items.filter(({ uid }) => uid === 'flood'));
  expect(order.map(({ n }) => n)).toEqual(order.map((_, n) => n));
});

test('flushed settles when nothing waits or is under way', async () => {
  const { ask, requests } = service();
  const batcher = new Batcher<Item, Result>({ request: ask, concurrency: 1, failTogether: false, maxBytes: 1e6 });
  await batcher.flushed();
  void batcher.call(item(1));
  let flushed = false;
  void batcher.flushed().then(() => (flushed = true));
  await settled();
  expect(flushed).toBe(false);
  await requests[0]!.answer();
  expect(flushed).toBe(true);
});

test('[SEQ-3] a conversation keeps its lane, and lanes do not wait for each other', async () => {
  const { ask, requests } = service();
  const lanes = new Lanes<Item, Result>(ask, 4, { failTogether: true });
  const cids = Array.from({ length: 4 }, (_, n) => `018f2a60-7c1e-7cc0-8000-00000000000${n}`);
  expect(new Set(cids.map((cid) => laneOf(cid, 4))).size).toBe(4);
  for (const [n, cid] of cids.entries()) void lanes.call({ cid, uid: 'u', n });
  await settled();
  expect(requests).toHaveLength(4);
  void lanes.call({ cid: cids[0]!, uid: 'u', n: 9 });
  await settled();
  expect(requests).toHaveLength(4);
  await requests[0]!.answer();
  expect(requests).toHaveLength(5);
});
