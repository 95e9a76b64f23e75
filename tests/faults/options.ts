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

/** What a suite calls things. */
export interface Wording {
  /** `npm run` this. */
  readonly command: string;
  /** What names its scenarios. */
  readonly option: 'scenario' | 'fault';
  readonly seeds: number;
  /** Of the table in docs/reliability.md. */
  readonly markers: string;
  readonly usage: string;
}

const SEEDS_OF_A_QUICK_RUN = 2;

const SEEDS_OF_FAULTS = 20;
const FAULTS_USAGE = `Usage: npm run faults -- [options]

Runs the product as real processes, breaks something under load, heals it, and checks what clients saw
and what PostgreSQL holds. What it needs (a cluster of 7 processes) is started once for each scenario.

Several clusters at once share the machine, so time limits are as many times as long; scenarios that take all of it run
alone at the end. On two cores four are about right.

  --scenario a,b   these scenarios alone (all of them)
  --seeds N        runs of each (${SEEDS_OF_FAULTS})
  --from S         the first seed (1)
  --quick          ${SEEDS_OF_A_QUICK_RUN} runs of each
  --parallel N     scenarios at once, each with its own servers (1)
  --list           shows the scenarios and runs nothing
  --document       runs nothing: writes the table of all results so far into docs/reliability.md

Results are kept in .data/faults, so that long runs can be made in parts; so is the history of a run that violates a rule.

Exit code: 0 when no rule was violated; 1 otherwise.`;

const SEEDS_OF_CLUSTER = 10;
const CLUSTER_USAGE = `Usage: npm run cluster -- [options]

Runs the product where any one machine may go: PostgreSQL with a synchronous standby under Patroni, two PgBouncers, three
servers of NATS, three Redis with Sentinels, two chat-services and two gateways, each machine a network namespace of this one.
Kills, pauses or cuts off one of them under load until all others are well without it, brings it back, and checks what clients
saw and what PostgreSQL holds. It needs root on Linux; what else is missing it says.

  --fault a,b      these faults alone (all of them)
  --seeds N        runs of each (${SEEDS_OF_CLUSTER})
  --from S         the first seed (1)
  --quick          ${SEEDS_OF_A_QUICK_RUN} runs of each
  --parallel N     faults at once, each with its own machines (1)
  --list           shows the faults and runs nothing
  --document       runs nothing: writes the table of all results so far into docs/reliability.md

Results are kept in .data/faults, so that long runs can be made in parts; so is the history of a run that violates a rule.

Exit code: 0 when no rule was violated; 1 otherwise.`;

export const FAULTS: Wording = {
  ...{ command: 'faults', option: 'scenario', seeds: SEEDS_OF_FAULTS },
  ...{ markers: 'figures', usage: FAULTS_USAGE },
};
export const CLUSTER: Wording = {
  ...{ command: 'cluster', option: 'fault', seeds: SEEDS_OF_CLUSTER },
  ...{ markers: 'figures of the cluster', usage: CLUSTER_USAGE },
};

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[], { option, seeds }: Wording): FaultsOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      [option]: { type: 'string', default: '' },
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
    scenarios: String(values[option]).split(',').filter(Boolean),
    seeds: count('--seeds', values.seeds ?? String(values.quick ? SEEDS_OF_A_QUICK_RUN : seeds), 1),
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
