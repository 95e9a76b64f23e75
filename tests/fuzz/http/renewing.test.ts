import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { renewing } from './renewing.ts';

/** Tasks that end when they are told to, and what happened in which order. */
function watched(every: number) {
  const log: string[] = [];
  const held = new Map<string, PromiseWithResolvers<void>>();
  const hold = async (name: string) => {
    log.push(`${name} begins`);
    const until = Promise.withResolvers<void>();
    held.set(name, until);
    await until.promise.finally(() => log.push(`${name} ends`));
  };
  const run = renewing(every, () => hold('renewal'));
  const task = (name: string) => run(() => hold(name));
  const end = async (name: string, error?: Error) => {
    const { resolve, reject } = held.get(name)!;
    if (error) reject(error);
    else resolve();
    await setImmediate();
  };
  return { log, task, end };
}

test('a renewal begins when no task is under way, and later tasks wait for it', async () => {
  const { log, task, end } = watched(3);
  const failing = task('1').catch((error: unknown) => error);
  const rest = ['2', '3', '4'].map(task);
  await setImmediate();
  expect(log).toEqual(['1 begins', '2 begins']);

  await end('1', new Error('a task that fails has ended too'));
  expect(log).toEqual(['1 begins', '2 begins', '1 ends']);
  await end('2');
  expect(log.slice(3)).toEqual(['2 ends', 'renewal begins']);
  await end('renewal');
  expect(log.slice(5)).toEqual(['renewal ends', '3 begins', '4 begins']);

  await end('3');
  await end('4');
  await Promise.all(rest);
  expect(await failing).toBeInstanceOf(Error);
});

test('a task that still waits for one renewal holds back the next', async () => {
  const { log, task, end } = watched(2);
  const all = ['1', '2', '3', '4'].map(task);
  await setImmediate();
  await end('1');
  expect(log).toEqual(['1 begins', '1 ends', 'renewal begins']);
  await end('renewal');
  expect(log.slice(3)).toEqual(['renewal ends', '2 begins', '3 begins']);
  await end('2');
  await end('3');
  expect(log.slice(6)).toEqual(['2 ends', '3 ends', 'renewal begins']);
  await end('renewal');
  await end('4');
  await Promise.all(all);
});
