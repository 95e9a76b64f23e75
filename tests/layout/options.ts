import { parseArgs } from 'node:util';

export const PARTS = ['messages', 'freezing', 'positions', 'queues', 'held'] as const;
export type Part = (typeof PARTS)[number];

export interface LayoutOptions {
  readonly parts: readonly Part[];
  /** Rows of the table of messages, a measurement each. */
  readonly sizes: readonly number[];
  /** Hash partitions, 0 for one table. */
  readonly layouts: readonly number[];
  /** Variants of positions and queues by their names; all when left out. */
  readonly only: readonly string[] | undefined;
  readonly seconds: number;
  /** What all processes of PostgreSQL may use together, the operating system's cache of files included. */
  readonly memoryMb: number;
  /** Kept, with figures of earlier calls; a temporary one when left out. */
  readonly dir: string | undefined;
  readonly steps: 'fill' | 'measure' | 'both';
}

export const USAGE = `Usage: npm run layout [-- options] [${PARTS.join('|')} …]

Measures how tables are laid out, on the migrated schema, with a PostgreSQL that the command starts and whose memory it
limits (Linux, as root; elsewhere it says that it does not). Statements are those of the product. The machine should do
nothing else. All parts take some two hours and 10 GB of disk.

  messages       one table and hash partitions, at several sizes
  freezing       what vacuum does after inserts, with settings
  positions      conversations, read positions and cursors: fill factors
  queues         outbox and jobs at a constant rate, without and with a transaction that holds back the horizon
  held           looking for the next rows behind many that were deleted and cannot go

  --sizes A,B    millions of messages; 1,4,16 when left out
  --layouts A,B  hash partitions; 0,16,64 when left out
  --only A,B     variants of positions and queues, by name
  --seconds N    of each variant; 180 when left out
  --memory MB    for PostgreSQL with its share of the cache of files; 1024 when left out
  --dir DIR      keeps servers and figures there, so that parts can be run one at a time
  --steps S      of messages: fill, measure, or both`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): LayoutOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      sizes: { type: 'string', default: '1,4,16' },
      layouts: { type: 'string', default: '0,16,64' },
      only: { type: 'string' },
      seconds: { type: 'string', default: '180' },
      memory: { type: 'string', default: '1024' },
      dir: { type: 'string' },
      steps: { type: 'string', default: 'both' },
    },
  });
  if (values.help) return 'help';
  return {
    parts: positionals.length === 0 ? PARTS : positionals.map((text) => oneOf(PARTS, text)),
    sizes: values.sizes.split(',').map((text) => Math.round(numberOf('--sizes', text) * 1_000_000)),
    layouts: values.layouts.split(',').map((text) => numberOf('--layouts', text)),
    only: values.only?.split(','),
    seconds: numberOf('--seconds', values.seconds),
    memoryMb: numberOf('--memory', values.memory),
    dir: values.dir,
    steps: oneOf(['fill', 'measure', 'both'] as const, values.steps),
  };
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`"${text}" is none of ${known.join(', ')}`);
  return found;
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new Error(`${flag} takes numbers, not "${text}"`);
}
