/** What one step has shown. */
export interface Step {
  /** Messages a second that were offered. */
  readonly rate: number;
  readonly held: boolean;
}

const GROWTH = 1.4;
/** The highest rate held and the lowest that was not are at most this far apart in the end. */
const CLOSE = 1.12;

/**
 * Raises the rate until it does not hold, then closes in on the highest that does. `attempt` is never asked for a rate
 * above one that failed.
 */
export async function climb<S extends Step>(
  firstRate: number,
  attempt: (rate: number) => Promise<S>,
  maxSteps = 16,
): Promise<S[]> {
  const steps: S[] = [];
  let held = 0;
  let broken = Number.POSITIVE_INFINITY;
  for (let rate = firstRate; steps.length < maxSteps && broken / Math.max(held, 1) > CLOSE;) {
    const step = await attempt(Math.round(rate));
    steps.push(step);
    if (step.held) held = rate;
    else broken = rate;
    rate = broken === Number.POSITIVE_INFINITY ? held * GROWTH : held === 0 ? broken / 2 : Math.sqrt(held * broken);
  }
  return steps;
}

export function highest<S extends Step>(steps: readonly S[]): S | undefined {
  return steps.filter(({ held }) => held).toSorted((a, b) => b.rate - a.rate)[0];
}

/** The lowest rate that did not hold. */
export function firstBroken<S extends Step>(steps: readonly S[]): S | undefined {
  return steps.filter(({ held }) => !held).toSorted((a, b) => a.rate - b.rate)[0];
}
