import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RingBuffer } from './ring-buffer.ts';

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('push' as const), value: fc.integer() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('dropOldest' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const) }) },
);

test('behaves like an array that keeps its newest items', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(operation, { maxLength: 200 }), (capacity, operations) => {
      const ring = new RingBuffer<number>(capacity);
      let model: number[] = [];
      for (const step of operations) {
        if (step.op === 'push') {
          const overflow = model.length === capacity ? model.shift() : undefined;
          model.push(step.value);
          expect(ring.push(step.value)).toBe(overflow);
        } else if (step.op === 'dropOldest') {
          expect(ring.dropOldest()).toBe(model.shift());
        } else {
          model = [];
          ring.clear();
        }
        expect([...ring]).toEqual(model);
        expect(ring.length).toBe(model.length);
        for (const index of [0, 1, model.length - 1, model.length, -1, -model.length, -model.length - 1])
          expect(ring.at(index)).toBe(model.at(index));
      }
    }),
  );
});

test('refuses a capacity that holds nothing', () => {
  for (const capacity of [0, -1, 1.5, Number.NaN]) expect(() => new RingBuffer(capacity)).toThrow(RangeError);
});
