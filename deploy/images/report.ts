/** What was found, for people and for programs. */
import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';
import type { Check } from './checks.ts';

export interface ImageReport {
  readonly image: string;
  readonly tag: string;
  /** File of the bill of materials. */
  readonly bill: string;
  /** How many things are in it. */
  readonly components: number;
  readonly checks: readonly Check[];
}

export interface Report {
  readonly engine: string;
  readonly images: readonly ImageReport[];
}

const SIGNS = { well: '✔', failed: '✘', 'left out': '–' } as const;
const STYLES = { well: 'green', failed: 'red', 'left out': 'dim' } as const;
/** Readable on every terminal; long words of a failure go below. */
const DETAIL_WIDTH = 46;

export const isWell = ({ images }: Report): boolean =>
  images.every(({ checks }) => checks.every(({ result }) => result !== 'failed'));

/** One row a check, and below the words of those that failed. */
export function renderReport({ images }: Report, colours: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const table = new Table({
    head: ['image', 'check', '', ''],
    style: { head: [], border: [], compact: true },
  });
  for (const { image, checks, components, bill } of images) {
    table.push([paint('bold', image), 'bill of materials', '', `${components} components, ${bill}`]);
    for (const { name, result, detail } of checks)
      table.push(['', name, paint(STYLES[result], SIGNS[result]), shortened(detail)]);
  }
  const failed = images.flatMap(({ image, checks }) =>
    checks.filter(({ result }) => result === 'failed').map(({ name, detail }) => `${image}, ${name}:\n${detail}`),
  );
  return [table.toString(), ...failed, summary(images.flatMap(({ checks }) => checks))].join('\n');
}

function summary(checks: readonly Check[]): string {
  const count = (wanted: Check['result']) => checks.filter(({ result }) => result === wanted).length;
  const leftOut = count('left out') === 0 ? '' : `, ${count('left out')} left out`;
  return `${count('well')} checks well, ${count('failed')} failed${leftOut}`;
}

function shortened(text: string): string {
  const [line = ''] = stripVTControlCharacters(text).split('\n');
  return line.length > DETAIL_WIDTH ? `${line.slice(0, DETAIL_WIDTH - 1)}…` : line;
}
