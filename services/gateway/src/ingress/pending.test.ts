import { expect, test } from 'vitest';
import { Pending } from './pending.ts';

test('bounds connections without a user, together and from one address', () => {
  const pending = new Pending<object>({ maxPending: 3, maxPendingPerIp: 2 });
  const [first, second, third] = [{}, {}, {}];
  pending.add(first, 'a');
  pending.add(second, 'a');
  expect([pending.hasRoom('a'), pending.hasRoom('b')]).toEqual([false, true]);
  pending.add(third, 'b');
  expect(pending.hasRoom('c')).toBe(false);
  pending.remove(first);
  pending.remove(first);
  expect([pending.hasRoom('a'), pending.hasRoom('c'), pending.size]).toEqual([true, true, 2]);
});
