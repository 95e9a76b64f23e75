import type { Outcome, RunOptions } from '../run.ts';
import { runTarget } from '../run.ts';
import { decoders } from './targets.ts';

/** All decoders, one after the other, in this process. */
export async function runDecoders({ inputs, ...options }: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const target of decoders) {
    outcomes.push(await runTarget(target, { ...options, inputs: Math.ceil(inputs / decoders.length) }));
  }
  return outcomes;
}
