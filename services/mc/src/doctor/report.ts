import { columnsOf } from '../output/table.ts';
import { paintFor } from '../output/paint.ts';
import type { Finding } from './finding.ts';

const MARKS = { well: '✔', warning: '!', fault: '✘' } as const;
const COLOURS = { well: 'green', warning: 'yellow', fault: 'red' } as const;

/** A table for people: what was looked at, how it is, and under each trouble its cure. */
export function formatFindings(findings: readonly Finding[], paint = paintFor()): string {
  const rows = findings.map(({ about, state, what, cure }) => [
    paint(COLOURS[state], MARKS[state]),
    about,
    cure === undefined ? what : `${what}\n→ ${cure}`,
  ]);
  const [faults, warnings] = [count(findings, 'fault'), count(findings, 'warning')];
  return `${columnsOf(rows)}\n\n${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`;
}

const counted = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

export const count = (findings: readonly Finding[], state: Finding['state']): number =>
  findings.filter((finding) => finding.state === state).length;
