import { expect, test } from 'vitest';
import { covering } from './covering.ts';

const AXES = { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2], d: [1, 2] } as const;
type Each = { readonly [K in keyof typeof AXES]: number };
const of = (strength: number, isPossible: (chosen: Partial<Each>) => boolean = () => true) =>
  covering<Each>(AXES, strength, isPossible);

const NAMES = ['a', 'b', 'c', 'd'] as const;

test('each two values of different axes come together, in far fewer combinations than there are', () => {
  const found = of(2);
  for (const [one, two] of NAMES.flatMap((one, n) => NAMES.slice(n + 1).map((two) => [one, two] as const))) {
    const pairs = new Set(found.map((each) => `${each[one]} ${each[two]}`));
    expect(pairs.size).toBe(AXES[one].length * AXES[two].length);
  }
  expect(found.length).toBeLessThan(14);
});

test('of all axes together that is every combination', () => {
  expect(new Set(of(4).map((each) => JSON.stringify(each))).size).toBe(36);
});

test('what is not possible together is left out, and nothing else is', () => {
  const found = of(2, ({ a, b }) => !(a === 1 && b === 1));
  expect(found.some(({ a, b }) => a === 1 && b === 1)).toBe(false);
  expect(new Set(found.map(({ a, b }) => `${a} ${b}`)).size).toBe(8);
});
