import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUlid } from './ulid.ts';
import { VirtualClock } from './virtual-clock.ts';

test('each id is greater than the one before, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 2 }), (times) => {
      const source = times.values();
      const clock = Object.assign(new VirtualClock(), { now: () => source.next().value ?? 0 });
      const next = createUlid({ clock, random: () => 0.5 });
      const ids = times.map(() => next());
      for (const [index, id] of ids.entries()) {
        expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
        if (index > 0) expect(id > ids[index - 1]!).toBe(true);
      }
    }),
  );
});

test('ids of two factories differ within one millisecond', () => {
  const clock = new VirtualClock();
  const factories = Array.from({ length: 100 }, () => createUlid({ clock }));
  expect(new Set(factories.map((next) => next())).size).toBe(100);
});
