import { describe, expect, test } from 'vitest';
import { readKept } from './kept.ts';
import { minimise } from './minimise.ts';
import { findMutant, MUTANTS } from './mutants.ts';
import { planOf } from './plan.ts';
import { run } from './run.ts';
import { catchMutant } from './search.ts';

const SEEDS = 250;
const SEEDS_OF_A_MUTANT = 400;
const FROM = 1_000_000;
/** A slow machine is no fault of the product: seconds when nothing else runs, minutes beside much else. */
const TIMEOUT = { timeout: 600_000 };

/** Everything that could differ from run to run. */
async function seen(seed: number) {
  const { history, events, violations } = await run(planOf(seed));
  return { operations: history.operations, final: history.final, events, violations };
}

describe('the whole way, simulated', () => {
  test('one seed gives one history, another one another', TIMEOUT, async () => {
    const [first, again, other] = [await seen(11), await seen(11), await seen(12)];
    expect(first.operations.length).toBeGreaterThan(50);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test(
    '[SEQ-1] [SEQ-2] [SEQ-3] [SEQ-4] [IDM-1] [REV-2] whatever befalls the parts, nothing is lost, repeated or out of order',
    TIMEOUT,
    async () => {
      const failed: object[] = [];
      for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
        const { violations } = await run(planOf(seed));
        if (violations.length > 0) failed.push({ seed, violations });
      }
      expect(failed).toEqual([]);
    },
  );

  test('what failed once fails no more', TIMEOUT, async () => {
    const failed: object[] = [];
    for (const [name, { plan }] of await readKept()) {
      const { violations } = await run(plan);
      if (violations.length > 0) failed.push({ name, violations });
    }
    expect(failed).toEqual([]);
  });
});

describe('broken variants', () => {
  test.each(MUTANTS.map(({ name }) => name))('%s: is caught', TIMEOUT, async (name) => {
    expect(await catchMutant(name, 1, SEEDS_OF_A_MUTANT)).toBeDefined();
  });

  test('a failing plan becomes a smaller one that fails the same way', TIMEOUT, async () => {
    const mutant = findMutant('a join takes no notice of its cursor');
    const plan = planOf(1);
    const smaller = await minimise(plan, 'order', mutant);
    expect(smaller.steps.length).toBeLessThan(plan.steps.length / 2);
    const { violations } = await run(smaller, { mutant });
    expect(violations.map(({ rule }) => rule)).toContain('order');
  });
});
