/** A process that does what it is sent, one task after the other. */
import { catchMutant, type Caught, type Failure, trySeed } from './search.ts';

export type Task =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number }
  | { readonly kind: 'mutant'; readonly name: string; readonly from: number; readonly seeds: number };

export type Report =
  | { readonly kind: 'tried'; readonly failure?: Failure }
  | { readonly kind: 'mutant'; readonly name: string; readonly caught: Caught | undefined }
  | { readonly kind: 'idle' };

// Refusals are made by the thousand here, and nobody reads where.
Error.stackTraceLimit = 0;

const report = (message: Report) => process.send?.(message);

process.on('message', (task: Task) => void carryOut(task).then(() => report({ kind: 'idle' })));

async function carryOut(task: Task): Promise<void> {
  if (task.kind === 'mutant') {
    const caught = await catchMutant(task.name, task.from, task.seeds);
    report({ kind: 'mutant', name: task.name, caught });
    return;
  }
  for (let seed = task.from; seed < task.from + task.count; seed += 1) {
    const failure = await trySeed(seed);
    report({ kind: 'tried', ...(failure && { failure }) });
  }
}
