/** One run of one plan, and the judgement. */
import type { History } from '@messagecore/testkit';
import { Installation } from './installation.ts';
import { type Mutant, SOUND } from './mutants.ts';
import type { Plan } from './plan.ts';
import { type Finding, findingsOf, historyOf } from './rules.ts';
import { Simulator } from './engine/simulator.ts';

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

/** The system must be idle within this virtual time after the last fault. */
const REST_MS = 120_000;
/** What may take longer: a lost last change or removal is noticed within 10 s (REV-9, PERM-3). */
const QUIET_MS = 10_000;
const LOOK_MS = 500;
const MAX_EVENTS = 400_000;

/** Runs one at a time only: mutants replace methods. */
export async function run(plan: Plan, { mutant = SOUND, trace = false }: RunOptions = {}): Promise<Verdict> {
  const replacements = mutant.replace?.() ?? [];
  try {
    const simulator = new Simulator(plan.seed, { trace });
    const installation = new Installation(simulator, plan, mutant);
    await runToRest(plan, installation);
    return {
      violations: findingsOf(plan, installation),
      history: historyOf(installation),
      events: simulator.events,
      trace: simulator.trace ?? [],
    };
  } finally {
    for (const replacement of replacements) replacement.restore();
  }
}

async function runToRest(plan: Plan, installation: Installation): Promise<void> {
  const { simulator } = installation;
  let over = false;
  const look = (deadline: number) => {
    installation.followAll();
    if (installation.unrest === undefined || simulator.now >= deadline) simulator.after(QUIET_MS, () => (over = true));
    else simulator.after(LOOK_MS, () => look(deadline));
  };
  installation.start();
  simulator.after((plan.steps.at(-1)?.at ?? 0) + 1_000, () => {
    installation.heal();
    look(simulator.now + REST_MS);
  });
  await simulator.run(() => over, MAX_EVENTS);
}
