import { parseArgs } from 'node:util';

export const GROUPS = ['decoders', 'http', 'frames'] as const;
export type GroupName = (typeof GROUPS)[number];

export interface FuzzOptions {
  readonly inputs: ReadonlyMap<GroupName, number>;
  readonly seed: number;
}

export const USAGE = `Usage: npm run fuzz -- [options]

Gives the product inputs that nobody meant it to get, and holds every answer to what was promised. An input that breaks a
promise is made as small as it can be, printed, and kept in tests/fuzz/kept.

  --inputs N       how many, all together (1000000)
  --only A,B       some groups only: ${GROUPS.join(', ')}
  --seed S         the same inputs again (1)

Exit code: 0 when every promise was kept; 1 otherwise.`;

const INPUTS = 1_000_000;
/** Of a hundred inputs: those that cross a network and a database cost more. */
const SHARES: Readonly<Record<GroupName, number>> = { decoders: 70, http: 6, frames: 24 };

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): FuzzOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      inputs: { type: 'string', default: String(INPUTS) },
      only: { type: 'string', default: GROUPS.join(',') },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.help) return 'help';
  const groups = values.only.split(',').map(groupName);
  const total = groups.reduce((sum, group) => sum + SHARES[group], 0);
  const inputs = count('--inputs', values.inputs, 1);
  return {
    inputs: new Map(groups.map((group) => [group, Math.ceil((inputs * SHARES[group]) / total)])),
    seed: count('--seed', values.seed, 0),
  };
}

function groupName(text: string): GroupName {
  const group = GROUPS.find((known) => known === text);
  if (group === undefined) throw new Error(`--only takes ${GROUPS.join(', ')}, not "${text}"`);
  return group;
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${name} must be a whole number of at least ${least}, not "${text}"`);
  }
  return value;
}
