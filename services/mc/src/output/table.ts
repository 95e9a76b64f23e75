import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

/** What is readable on every terminal, and in a mail. */
const WIDTH = 80;
const LEAST_TEXT = 30;

/** Columns without lines between them, as wide as they need; the last one is wrapped to 80 characters in all. */
export function columnsOf(rows: readonly (readonly string[])[]): string {
  const first = rows[0]?.length ?? 0;
  const widths = Array.from({ length: first }, (_, n) => Math.max(...rows.map((row) => lengthOf(row[n] ?? ''))) + 2);
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
  const table = new Table({
    colWidths: [...widths.slice(0, -1), Math.max(LEAST_TEXT, Math.min(widths.at(-1) ?? 0, WIDTH - others))],
    wordWrap: true,
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Without what colours add. */
const lengthOf = (text: string) =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map(({ length }) => length),
  );

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((place) => [place, '']),
);
