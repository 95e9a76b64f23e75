import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export type SimulateOptions =
  | { readonly kind: 'search'; readonly from: number; readonly seeds: number; readonly workers: number }
  | { readonly kind: 'one'; readonly seed: number; readonly trace: boolean }
  | { readonly kind: 'mutants'; readonly from: number; readonly seeds: number; readonly workers: number };

export const USAGE = `Usage: npm run simulate -- [options]

Runs the whole way of a message, from client to database and back, over a simulated network, bus and database, each
run drawn from one seed, and judges what clients saw. A seed that fails is minimised and kept in tests/simulation/kept.

  --seeds N        how many seeds (20000)
  --from S         the first one (1)
  --workers N      processes at work (${availableParallelism()}, one a core)
  --seed S         this seed alone
  --trace          with --seed: prints everything that happened
  --mutants        runs the broken variants instead, up to N seeds each (1000), and prints by which seed each is caught

Exit code: 0 when no rule was violated, or every mutant was caught; 1 otherwise.`;

const SEEDS = 20_000;
const SEEDS_OF_A_MUTANT = 1_000;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): SimulateOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.seed !== undefined) return { kind: 'one', seed: count('--seed', values.seed), trace: values.trace };
  if (values.trace) throw new Error('--trace goes with --seed');
  const seeds = values.seeds ?? String(values.mutants ? SEEDS_OF_A_MUTANT : SEEDS);
  return {
    kind: values.mutants ? 'mutants' : 'search',
    from: count('--from', values.from),
    seeds: count('--seeds', seeds, 1),
    workers: count('--workers', values.workers, 1),
  };
}

function count(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${name} must be a whole number of at least ${least}, not "${text}"`);
  }
  return value;
}
