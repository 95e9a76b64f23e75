/** One run of one plan, and the judgement. */
import type { History } from '@messagecore/testkit';
import { Installation } from './installation.ts';
import { type Mutant, SOUND } from './mutants.ts';
import type { Plan } from './plan.ts';
import { type Finding, findingsOf, historyOf } from './rules.ts';
import { World } from './world/world.ts';

export interface Verdict {
  readonly violations: readonly Finding[];
  readonly history: History;
  readonly events: number;
  readonly trace: readonly string[];
}

export interface RunOptions {
  readonly mutant?: Mutant;
  readonly trace?: boolean;
}

/** Faults end, and everything must come to rest within this virtual time. */
const REST_MS = 120_000;
/** What may take its time after that: a lost last change or removal is noticed within 10 s (REV-9, PERM-3). */
const QUIET_MS = 10_000;
const LOOK_MS = 500;
const MAX_EVENTS = 400_000;

/** Runs one at a time only: mutants replace methods. */
export async function run(plan: Plan, { mutant = SOUND, trace = false }: RunOptions = {}): Promise<Verdict> {
  const replacements = mutant.replace?.() ?? [];
  try {
    const world = new World(plan.seed, { trace });
    const installation = new Installation(world, plan, mutant);
    await runToRest(plan, installation);
    return {
      violations: findingsOf(plan, installation),
      history: historyOf(installation),
      events: world.events,
      trace: world.trace ?? [],
    };
  } finally {
    for (const replacement of replacements) replacement.restore();
  }
}

async function runToRest(plan: Plan, installation: Installation): Promise<void> {
  const { world } = installation;
  let over = false;
  const look = (deadline: number) => {
    installation.followAll();
    if (installation.unrest === undefined || world.now >= deadline) world.after(QUIET_MS, () => (over = true));
    else world.after(LOOK_MS, () => look(deadline));
  };
  installation.start();
  world.after((plan.steps.at(-1)?.at ?? 0) + 1_000, () => {
    installation.heal();
    look(world.now + REST_MS);
  });
  await world.run(() => over, MAX_EVENTS);
}
