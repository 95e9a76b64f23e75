import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { hasNoRefusal, hedged, mergeAnswers } from './hedge.ts';

const TIMEOUT = new Error('timeout');
const BUSY = new Error('busy');
const answerOf = (...items: object[]) => Buffer.from(JSON.stringify({ items }));
const stored = (seq: number) => ({ seq, at: 1, repeat: false });
const refused = { error: 'rate_limited', msg: 'too many' };
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

function open() {
  const clock = new VirtualClock();
  const first = Promise.withResolvers<Uint8Array>();
  const second = Promise.withResolvers<Uint8Array>();
  let asked = 0;
  const died = Promise.withResolvers<boolean>();
  const result = hedged({
    clock,
    afterMs: 200,
    isSomebodyGone: () => died.promise,
    first: () => first.promise,
    second: () => {
      asked += 1;
      return second.promise;
    },
    isFinal: hasNoRefusal,
    merge: mergeAnswers,
    isUncertain: (error) => error === TIMEOUT,
  });
  result.catch(() => {});
  const late = async () => {
    await settled();
    clock.advance(200);
    await settled();
  };
  const read = async () => JSON.parse(Buffer.from(await result).toString()) as { items: object[] };
  return { clock, first, second, died, result, late, read, asked: () => asked };
}

test('whoever answers in time is the only one who is asked', async () => {
  const { first, late, read, asked } = open();
  first.resolve(answerOf(refused));
  await late();
  expect([await read(), asked()]).toEqual([{ items: [refused] }, 0]);
});

test('of a dead one nobody waits for the time-out', async () => {
  const { second, late, read, asked } = open();
  await late();
  second.resolve(answerOf(stored(1)));
  expect([await read(), asked()]).toEqual([{ items: [stored(1)] }, 1]);
});

test('when somebody is known to have died, the second is asked at once', async () => {
  const { clock, died, second, read, asked } = open();
  await settled();
  clock.advance(100);
  await settled();
  expect(asked()).toBe(0);
  died.resolve(true);
  await settled();
  expect(asked()).toBe(1);
  second.resolve(answerOf(stored(1)));
  expect(await read()).toEqual({ items: [stored(1)] });
});

test('[IDM-8] a refusal is not believed while the other attempt may store what it refuses', async () => {
  const { first, second, late, read, result } = open();
  await late();
  second.resolve(answerOf(stored(1), refused));
  const done = { is: false };
  void result.then(() => (done.is = true));
  await settled();
  expect(done.is).toBe(false);
  first.resolve(answerOf({ ...stored(1), repeat: true }, stored(2)));
  expect(await read()).toEqual({ items: [stored(1), stored(2)] });
});

test('[IDM-8] a refusal beside an attempt of which nothing is known is no answer: it is asked again', async () => {
  const { first, second, late, result } = open();
  await late();
  second.resolve(answerOf(refused));
  first.reject(TIMEOUT);
  await expect(result).rejects.toBe(TIMEOUT);
});

test('a refusal beside an attempt that was certainly not carried out is the answer', async () => {
  const { first, second, late, read } = open();
  await late();
  second.reject(BUSY);
  first.resolve(answerOf(refused));
  expect(await read()).toEqual({ items: [refused] });
});

test('when both fail it is as if one had: what is uncertain stays so', async () => {
  const { first, second, late, result } = open();
  await late();
  second.reject(BUSY);
  first.reject(TIMEOUT);
  await expect(result).rejects.toBe(TIMEOUT);
});
