/** Figures of all calls for one folder, so that a table has what was measured earlier. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { percentile } from '../../bench/measure/percentile.ts';

/** A line of a table: what was measured, and its figures by the heads of columns. */
export interface Line {
  readonly name: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Keeps the line, in place of an earlier one of this name, and answers with all. */
export async function keepLine(dir: string, part: string, line: Line): Promise<readonly Line[]> {
  const path = join(dir, `${part}.json`);
  await mkdir(dir, { recursive: true });
  const known = JSON.parse(await readFile(path, 'utf8').catch(() => '[]')) as Line[];
  const lines = [...known.filter(({ name }) => name !== line.name), line];
  await writeFile(path, `${JSON.stringify(lines, undefined, 2)}\n`);
  return lines;
}

/** A column for each line. */
export function tableOf(lines: readonly Line[]): string {
  const heads = [...new Set(lines.flatMap(({ values }) => Object.keys(values)))];
  const table = new Table({ head: ['', ...lines.map(({ name }) => name)], style: { head: [], border: [] } });
  for (const head of heads) table.push([head, ...lines.map(({ values }) => values[head] ?? '')]);
  return table.toString();
}

/** Three digits. */
export function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** p50 and p99. */
export const both = (ms: readonly number[]) => `${figure(percentile(ms, 0.5))} / ${figure(percentile(ms, 0.99))}`;
