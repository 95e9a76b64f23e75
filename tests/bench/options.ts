import { parseArgs } from 'node:util';
import { SECTION_IDS, type SectionId } from './section.ts';

export interface BenchOptions {
  readonly only: readonly SectionId[];
  readonly quick: boolean;
  /** Whether the results go into the documentation. */
  readonly write: boolean;
}

export const USAGE = `Usage: npm run bench [-- options]

Measures the product on real servers of its own, each figure beside something else in the same run, and writes
docs/benchmarks.md with pictures. Takes twenty minutes; the machine should do nothing else.

  --only A,B     some sections only: ${SECTION_IDS.join(', ')}
  --quick        a few minutes' worth: shows that everything works; nothing is written
  --no-write     measure, but leave the documentation alone (also when not all sections are run)`;

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
    },
  });
  if (values.help) return 'help';
  const only = values.only === undefined ? SECTION_IDS : values.only.split(',').map(sectionId);
  return { only, quick: values.quick, write: values.write && !values.quick && only.length === SECTION_IDS.length };
}

function sectionId(text: string): SectionId {
  const id = SECTION_IDS.find((known) => known === text);
  if (id === undefined) throw new Error(`--only takes ${SECTION_IDS.join(', ')}, not "${text}"`);
  return id;
}
