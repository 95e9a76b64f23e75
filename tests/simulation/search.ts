/** Looks for plans that violate a rule. */
import { minimise } from './minimise.ts';
import { findMutant } from './mutants.ts';
import { type Plan, planOf } from './plan.ts';
import type { Finding } from './rules.ts';
import { run } from './run.ts';

export interface Failure {
  readonly seed: number;
  readonly violations: readonly Finding[];
  /** The smallest plan found that violates the first rule. */
  readonly plan: Plan;
}

/** Undefined when the seed violates nothing. */
export async function trySeed(seed: number): Promise<Failure | undefined> {
  const plan = planOf(seed);
  const { violations } = await run(plan);
  const [first] = violations;
  if (first === undefined) return undefined;
  return { seed, violations, plan: await minimise(plan, first.rule) };
}

export interface Caught {
  readonly seed: number;
  readonly rule: string;
  readonly detail: string;
}

/** The first seed by which a broken variant shows; undefined when none of them does. */
export async function catchMutant(name: string, from: number, seeds: number): Promise<Caught | undefined> {
  const mutant = findMutant(name);
  for (let seed = from; seed < from + seeds; seed += 1) {
    const [first] = (await run(planOf(seed), { mutant })).violations;
    if (first !== undefined) return { seed, ...first };
  }
  return undefined;
}
