import { parseArgs } from 'node:util';

export interface FaultsOptions {
  /** Names; empty for all. */
  readonly scenarios: readonly string[];
  readonly seeds: number;
  readonly from: number;
  /** Writes the table of all results so far into docs/reliability.md. */
  readonly document: boolean;
  /** Only shows what there is. */
  readonly list: boolean;
  /** Scenarios at once. */
  readonly parallel: number;
}

const SEEDS = 20;
const SEEDS_OF_A_QUICK_RUN = 2;

export const USAGE = `Usage: npm run faults -- [options]

Runs the product as real processes, breaks something under load, heals it, and checks what clients saw
and what PostgreSQL holds. What it needs (a cluster of 7 processes) is started once for each scenario.

Several clusters at once share the machine, so time limits are as many times as long; scenarios that take all of it run
alone at the end. On two cores four are about right.

  --scenario a,b   these scenarios alone (all of them)
  --seeds N        runs of each (${SEEDS})
  --from S         the first seed (1)
  --quick          ${SEEDS_OF_A_QUICK_RUN} runs of each
  --parallel N     scenarios at once, each with its own servers (1)
  --list           shows the scenarios and runs nothing
  --document       runs nothing: writes the table of all results so far into docs/reliability.md

Results are kept in .data/faults, so that long runs can be made in parts; so is the history of a run that violates a rule.

Exit code: 0 when no rule was violated; 1 otherwise.`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): FaultsOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      scenario: { type: 'string', default: '' },
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      parallel: { type: 'string', default: '1' },
    },
  });
  if (values.help) return 'help';
  return {
    scenarios: values.scenario.split(',').filter(Boolean),
    seeds: count('--seeds', values.seeds ?? String(values.quick ? SEEDS_OF_A_QUICK_RUN : SEEDS), 1),
    from: count('--from', values.from, 0),
    document: values.document,
    list: values.list,
    parallel: count('--parallel', values.parallel, 1),
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} must be a whole number of at least ${least}, not "${text}"`);
}
