import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reorder } from './reorder.ts';

const wide = { maxItems: 1_000, maxBytes: 1_000_000, sizeOf: () => 1 };

function drain(reorder: Reorder<number>): number[] {
  const out: number[] = [];
  for (let item = reorder.shift(); item !== undefined; item = reorder.shift()) out.push(item);
  return out;
}

/** Numbers in any order, some twice. */
const arrivals = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }))
  .chain(([count, repeats]) =>
    fc.shuffledSubarray([...Array.from({ length: count }, (_, i) => i + 1), ...repeats.filter((n) => n <= count)], {
      minLength: 0,
    }),
  );

test('[SEQ-5] [SEQ-6] whatever arrives, the numbers leave dense, in order and once', () => {
  fc.assert(
    fc.property(arrivals, (numbers) => {
      const reorder = new Reorder<number>(wide);
      const out: number[] = [];
      for (const number of numbers) {
        reorder.offer(number, number);
        out.push(...drain(reorder));
      }
      expect(out).toEqual(out.map((_, index) => index + 1));
      const arrived = new Set(numbers);
      expect(arrived.has(out.length + 1)).toBe(false);
      expect(reorder.highest).toBe(Math.max(0, ...numbers));
      expect(reorder.incomplete).toBe(reorder.highest > out.length);
    }),
  );
});

test('[SEQ-7] what is missing is exactly what lies before the first that waits', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (numbers) => {
      const reorder = new Reorder<number>(wide);
      for (const number of numbers) reorder.offer(number, number);
      drain(reorder);
      const { missing, position } = reorder;
      const later = numbers.filter((number) => number > position);
      if (later.length === 0) expect(missing).toBeUndefined();
      else expect(missing).toEqual({ from: position + 1, to: Math.min(...later) - 1 });
    }),
  );
});

test('a number that is only known to exist is missing too', () => {
  const reorder = new Reorder<number>(wide);
  reorder.skipTo(4);
  expect(reorder.missing).toBeUndefined();
  reorder.expect(6);
  expect(reorder.missing).toEqual({ from: 5, to: 6 });
});

test('what does not fit is forgotten and shows as missing, the next in order always fits', () => {
  const reorder = new Reorder<number>({ maxItems: 2, maxBytes: 100, sizeOf: (size) => size });
  expect(reorder.offer(3, 60)).toBe(true);
  expect(reorder.offer(4, 50)).toBe(false);
  expect(reorder.offer(5, 10)).toBe(true);
  expect(reorder.offer(6, 1)).toBe(false);
  expect(reorder.offer(1, 99)).toBe(true);
  expect(reorder.shift()).toBe(99);
  expect(reorder.missing).toEqual({ from: 2, to: 2 });
  reorder.offer(2, 1);
  expect(drain(reorder)).toEqual([1, 60]);
  expect(reorder.missing).toEqual({ from: 4, to: 4 });
  expect(reorder.highest).toBe(6);
});

test('skipping forgets what it passes, and starting anew forgets everything', () => {
  const reorder = new Reorder<number>(wide);
  for (const number of [3, 5, 9]) reorder.offer(number, number);
  reorder.skipTo(4);
  expect(drain(reorder)).toEqual([5]);
  reorder.skipTo(2);
  expect(reorder.position).toBe(5);
  reorder.reset(2);
  expect([reorder.position, reorder.highest, reorder.missing]).toEqual([2, 2, undefined]);
});
