import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

const bounds = fc.record({ maxItems: fc.integer({ min: 0, max: 100 }), maxBytes: fc.integer({ min: 0, max: 1_000 }) });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 60 }) },
  { weight: 2, arbitrary: fc.constant('shift' as const) },
);

test('keeps order, never exceeds a bound and changes nothing when it refuses', () => {
  fc.assert(
    fc.property(bounds, fc.array(step, { maxLength: 400 }), ({ maxItems, maxBytes }, steps) => {
      const queue = new BoundedQueue<number>({ maxItems, maxBytes, sizeOf: (size) => size });
      const model: number[] = [];
      const total = () => model.reduce((sum, size) => sum + size, 0);
      for (const action of steps) {
        if (action === 'shift') {
          expect(queue.peek()).toBe(model[0]);
          expect(queue.shift()).toBe(model.shift());
        } else {
          const fits = model.length < maxItems && total() + action <= maxBytes;
          expect(queue.push(action)).toBe(fits);
          if (fits) model.push(action);
        }
        expect(queue.length).toBe(model.length);
        expect(queue.bytes).toBe(total());
      }
      expect([...queue]).toEqual(model);
    }),
  );
});

test('stays in order over thousands of items that come and go', () => {
  const queue = new BoundedQueue<number>({ sizeOf: () => 1 });
  let expected = 0;
  for (let item = 0; item < 5_000; item += 1) {
    queue.push(item);
    if (item % 3 !== 0) expect(queue.shift()).toBe(expected++);
  }
  while (queue.length > 0) expect(queue.shift()).toBe(expected++);
  expect(expected).toBe(5_000);
});

test('is empty after clear', () => {
  const queue = new BoundedQueue<string>({ maxBytes: 4, sizeOf: (text) => text.length });
  queue.push('abcd');
  queue.clear();
  expect({ length: queue.length, bytes: queue.bytes, accepted: queue.push('efgh') }).toEqual({
    length: 0,
    bytes: 0,
    accepted: true,
  });
});
