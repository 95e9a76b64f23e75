import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLength } from './json-length.ts';

test('is that of the JSON where no text must be escaped and numbers have one digit', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '語') });
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer({ min: 0, max: 9 }),
      fc.array(tie('tree')),
      fc.dictionary(text, tie('tree')),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(jsonLength(value, Infinity)).toBe(JSON.stringify(value).length);
    }),
  );
});

test('is never more than that of the JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonLength(value, Infinity)).toBeLessThanOrEqual(JSON.stringify(value).length);
    }),
  );
});

test('counts no further than it is asked to, however deep or wide the value is', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
  expect(jsonLength(deep, Infinity)).toBe(10_000);
  const wide = new Proxy(Array.from({ length: 1_000 }), {
    get: (target, name) => {
      if (name === Symbol.iterator) throw new Error('was looked into');
      return Reflect.get(target, name) as unknown;
    },
  });
  expect(jsonLength(wide, 100)).toBe(1_001);
});
