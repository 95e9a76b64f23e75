import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface ConvergeOptions {
  readonly from: number;
  readonly seeds: number;
  readonly changes: number;
  readonly parallel: number;
}

const PARALLEL = availableParallelism() * 4;

export const USAGE = `Usage: npm run converge -- [options]

Changes conversations at random (messages, replies in threads, edits, recalls, reactions, votes, pins) over two gateways, while one
client of each is there and another comes and goes. At the end both must hold what the database holds.

  --seeds N      how many conversations (1000)
  --from S       the first seed (1)
  --seed S       this one alone
  --changes N    changes of each conversation (1000)
  --parallel N   conversations at once (${PARALLEL}, four a core)

Exit code: 0 when all were equal; 1 otherwise. What fails is printed with the way to run it again.`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): ConvergeOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      changes: { type: 'string', default: '1000' },
      parallel: { type: 'string', default: String(PARALLEL) },
    },
  });
  if (values.help) return 'help';
  const { seed } = values;
  return {
    from: count('--seed', seed ?? values.from),
    seeds: seed === undefined ? count('--seeds', values.seeds) : 1,
    changes: count('--changes', values.changes),
    parallel: count('--parallel', values.parallel),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`${name} must be a whole number of at least 1, not "${text}"`);
  }
  return value;
}
