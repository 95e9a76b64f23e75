import { parseArgs } from 'node:util';
import { type OrdinaryOptions, SECTION_IDS, type SectionId } from './section.ts';

export interface BenchOptions {
  readonly only: readonly SectionId[];
  readonly quick: boolean;
  /** Whether the results go into the documentation. */
  readonly write: boolean;
  readonly ordinary: OrdinaryOptions;
}

export const USAGE = `Usage: npm run bench [-- options]

Measures the product on real servers of its own, each figure beside something else in the same run, and writes
docs/benchmarks.md with pictures. Takes half an hour; the machine should do nothing else.

  --only A,B     some sections only: ${SECTION_IDS.join(', ')}
  --quick        a few minutes' worth: shows that everything works; nothing is written
  --no-write     measure, but leave the documentation alone (also when not all sections are run)

Of the section ordinary, which takes ten minutes; nothing is written with them:
  --rounds N             rounds, 3 when left out
  --highest              instead of the loads: the highest rate of each side with p99 <= 200 ms
  --fdatasync-delay MS   PostgreSQL's fdatasync takes so much longer (Linux with a C compiler)`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: true },
      rounds: { type: 'string' },
      highest: { type: 'boolean', default: false },
      'fdatasync-delay': { type: 'string' },
    },
  });
  if (values.help) return 'help';
  const only = values.only === undefined ? SECTION_IDS : values.only.split(',').map(sectionId);
  const ordinary: OrdinaryOptions = {
    rounds: wholeNumber('--rounds', values.rounds),
    highest: values.highest,
    fdatasyncDelayMs: positive('--fdatasync-delay', values['fdatasync-delay']),
  };
  const isUsual = ordinary.rounds === undefined && !ordinary.highest && ordinary.fdatasyncDelayMs === undefined;
  const isWhole = !values.quick && only.length === SECTION_IDS.length;
  return { only, quick: values.quick, write: values.write && isWhole && isUsual, ordinary };
}

function sectionId(text: string): SectionId {
  const id = SECTION_IDS.find((known) => known === text);
  if (id === undefined) throw new Error(`--only takes ${SECTION_IDS.join(', ')}, not "${text}"`);
  return id;
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  const value = positive(flag, text);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new Error(`${flag} takes a whole number, not "${text}"`);
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${flag} takes a number above 0, not "${text}"`);
}
