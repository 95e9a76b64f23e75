/** One run of one plan, and the judgement. */
import { type History, judge, type Operation } from '@messagecore/testkit';
import { Installation } from './installation.ts';
import { type Mutant, SOUND } from './mutants.ts';
import type { Plan } from './plan.ts';
import { World } from './world/world.ts';

export interface Verdict {
  readonly violations: readonly Finding[];
  readonly history: History;
  readonly events: number;
  /** Virtual milliseconds until everything was at rest. */
  readonly restedAfterMs: number;
  readonly trace: readonly string[];
}

export interface Finding {
  readonly rule: string;
  readonly detail: string;
}

/** Faults end, and everything must come to rest within this virtual time. */
const REST_MS = 120_000;
/** What may take its time after that: a lost last change is noticed within 10 s (REV-9, PERM-3). */
const QUIET_MS = 12_000;
const LOOK_MS = 500;
const MAX_EVENTS = 400_000;

export async function run(plan: Plan, { mutant = SOUND, trace = false }: RunOptions = {}): Promise<Verdict> {
  const world = new World(plan.seed, { trace });
  const installation = new Installation(world, plan, mutant);
  let over = false;
  let restedAt: number | undefined;
  const lookAfterRest = (deadline: number) => {
    installation.followAll();
    const { unrest } = installation;
    if (unrest === undefined) restedAt = world.now;
    if (unrest === undefined || world.now >= deadline) world.after(QUIET_MS, () => (over = true));
    else world.after(LOOK_MS, () => lookAfterRest(deadline));
  };
  installation.start();
  const lastStep = plan.steps.at(-1)?.at ?? 0;
  world.after(lastStep + 1_000, () => {
    installation.heal();
    lookAfterRest(world.now + REST_MS);
  });
  await world.run(() => over, MAX_EVENTS);
  const history = historyOf(installation);
  const violations = [
    ...judge(history).map(({ rule, cid, session, detail }) => ({
      rule,
      detail: `${session ?? ''} ${cid}: ${detail}`,
    })),
    ...(installation.unrest === undefined ? [] : [{ rule: 'unrest', detail: installation.unrest }]),
    ...world.faults.map((detail) => ({ rule: 'fault', detail })),
  ];
  return {
    violations,
    history,
    events: world.events,
    restedAfterMs: (restedAt ?? Number.POSITIVE_INFINITY) - lastStep,
    trace: world.trace ?? [],
  };
}

export interface RunOptions {
  readonly mutant?: Mutant;
  readonly trace?: boolean;
}

function historyOf(installation: Installation): History {
  const byService = new Set(
    installation.rooms.flatMap(({ messages }) =>
      [...messages.values()].filter(({ kind }) => kind === 'sys').map(({ mid }) => mid),
    ),
  );
  const operations: readonly Operation[] = installation.recorder.operations;
  return { operations, final: installation.final, isSystem: ({ mid }) => byService.has(mid) };
}
