import { expect, test } from 'vitest';
import { retryLocks } from './retry-locks.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Fails with these, one after the other, and returns how often it was called then. */
function failing(codes: readonly string[]) {
  let calls = 0;
  return async () => {
    const code = codes[calls];
    calls += 1;
    if (code !== undefined) throw failure(code);
    return calls;
  };
}

test('a lock that could not be had is tried again', async () => {
  expect(await retryLocks(failing(['55P03', '40P01']))).toBe(3);
});

test('whatever else fails is not, and ten attempts are all', async () => {
  const other = failing(['42501']);
  await expect(retryLocks(other)).rejects.toThrow('42501');
  expect(await other()).toBe(2);
  const never = failing(Array.from({ length: 10 }, () => '55P03'));
  await expect(retryLocks(never)).rejects.toThrow('55P03');
  expect(await never()).toBe(11);
});
