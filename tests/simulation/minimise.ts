import { type Mutant, SOUND } from './mutants.ts';
import type { Plan, Setup, Step } from './plan.ts';
import { run } from './run.ts';

/** Runs that one minimisation may cost. */
const RUNS = 300;

/**
 * The smallest plan found that still violates `rule`: fewer steps, smaller ones, a smaller installation. Every candidate
 * is run; what still fails is the next to be made smaller.
 */
export async function minimise(plan: Plan, rule: string, mutant: Mutant = SOUND): Promise<Plan> {
  let left = RUNS;
  const fails = async (candidate: Plan) => {
    if (left === 0) return false;
    left -= 1;
    return (await run(candidate, { mutant })).violations.some((violation) => violation.rule === rule);
  };
  let smallest = plan;
  for (;;) {
    const before = smallest;
    smallest = await withoutSteps(smallest, fails);
    smallest = await withSmaller(smallest, fails);
    if (smallest === before) return smallest;
  }
}

type Fails = (candidate: Plan) => Promise<boolean>;

/** Leaves out stretches of steps, halves first, single ones last. */
async function withoutSteps(plan: Plan, fails: Fails): Promise<Plan> {
  let smallest = plan;
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.steps.length;) {
      const steps = smallest.steps.toSpliced(at, size);
      const candidate = { ...smallest, steps };
      if (await fails(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}

const CALMER: readonly Partial<Setup>[] = [
  { breaks: 0 },
  { loss: 0 },
  { repeats: 0 },
  { tightLimits: false },
  { rooms: 1 },
  { gateways: 1 },
  { chatServices: 1 },
];

async function withSmaller(plan: Plan, fails: Fails): Promise<Plan> {
  let smallest = plan;
  const attempt = async (candidate: Plan) => {
    if (JSON.stringify(candidate) !== JSON.stringify(smallest) && (await fails(candidate))) smallest = candidate;
  };
  for (const calmer of CALMER) await attempt({ ...smallest, setup: { ...smallest.setup, ...calmer } });
  for (let nr = 0; nr < smallest.steps.length; nr += 1) {
    const step = smallest.steps[nr] as Step;
    if ('count' in step && step.count > 1) {
      await attempt({ ...smallest, steps: smallest.steps.with(nr, { ...step, count: 1 }) });
    }
  }
  return smallest;
}
