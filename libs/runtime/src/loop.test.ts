import { Backoff, type Deferred, deferred, VirtualClock } from '@messagecore/kernel';
import { expect, test, vi } from 'vitest';
import { startLoop } from './loop.ts';

/** Lets everything that is only waiting for promises happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('steps at once and then after each pause, measured from the end of the step', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const loop = startLoop({ name: 'test', everyMs: 100, clock, step: () => void times.push(clock.monotonic()) });
  for (let ms = 0; ms < 250; ms += 10) {
    await settle();
    clock.advance(10);
  }
  await loop.stop();
  expect(times).toEqual([0, 100, 200]);
});

test('never overlaps: a poke while a step runs starts one more right after it', async () => {
  const clock = new VirtualClock();
  const steps: Deferred<void>[] = [];
  const loop = startLoop({
    name: 'test',
    everyMs: Infinity,
    clock,
    step: () => steps[steps.push(deferred()) - 1]!.promise,
  });
  await settle();
  loop.poke();
  loop.poke();
  await settle();
  expect(steps).toHaveLength(1);
  steps[0]!.resolve();
  await settle();
  expect(steps).toHaveLength(2);
  steps[1]!.resolve();
  await settle();
  expect(steps).toHaveLength(2);
  loop.poke();
  await settle();
  expect(steps).toHaveLength(3);
  const stopped = loop.stop();
  steps[2]!.resolve();
  await stopped;
});

test('backs off while steps fail, however often it is poked, and forgets it after a success', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  let failing = true;
  const log = { error: vi.fn(), info: vi.fn() };
  const loop = startLoop({
    name: 'test',
    everyMs: 10,
    clock,
    log,
    backoff: new Backoff({ minMs: 100, maxMs: 1_000, random: () => 1 }),
    step: () => {
      times.push(clock.monotonic());
      if (failing) throw new Error('no');
    },
  });
  for (let ms = 0; ms < 700; ms += 10) {
    await settle();
    loop.poke();
    if (clock.monotonic() === 590) failing = false;
    clock.advance(10);
  }
  await loop.stop();
  expect(times.slice(0, 4)).toEqual([0, 200, 600, 610]);
  expect(log.error).toHaveBeenCalledTimes(2);
  expect(log.info).toHaveBeenCalledWith({ loop: 'test', failures: 2 }, expect.any(String));
});

test('stop ends the pause at once, aborts the step and waits for it', async () => {
  const paused = startLoop({ name: 'paused', everyMs: Infinity, step: () => {} });
  await settle();
  await paused.stop();

  let ended = false;
  const busy = startLoop({
    name: 'busy',
    everyMs: 1,
    step: async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await settle();
      ended = true;
      throw new Error('aborted');
    },
  });
  await busy.stop();
  expect(ended).toBe(true);
});

test('an outer signal stops it, also when it was aborted before the start', async () => {
  const outer = new AbortController();
  const step = vi.fn();
  const loop = startLoop({ name: 'test', everyMs: Infinity, step, signal: outer.signal });
  await settle();
  outer.abort();
  loop.poke();
  await loop.stop();
  expect(step).toHaveBeenCalledTimes(1);
  const never = vi.fn();
  await startLoop({ name: 'late', everyMs: 1, step: never, signal: outer.signal }).stop();
  expect(never).not.toHaveBeenCalled();
});
