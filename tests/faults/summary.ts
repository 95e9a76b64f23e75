import Table from 'cli-table3';
import type { StoredResult } from './results.ts';
import type { Outline } from './scenario.ts';

/** A scenario's results in a row. */
interface Row {
  readonly scenario: Outline;
  readonly results: readonly StoredResult[];
}

const HEAD = [
  'scenario',
  'seeds',
  'sends',
  'acknowledged',
  'unknown',
  'deliveries',
  'longest pause, s (p50 / max)',
  'longest send, s (p50 / max)',
  'recovered in, s (p50 / max)',
  'violations',
];

/** For a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] }, wordWrap: true });
  for (const row of rows) table.push(cellsOf(row));
  return table.toString();
}

/** For a document. */
export function formatMarkdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const total = totalOf(rows);
  return [
    line(HEAD),
    line(HEAD.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map((row) => line(cellsOf(row))),
    line(total),
  ].join('\n');
}

function cellsOf({ scenario, results }: Row): string[] {
  const sum = (name: 'sends' | 'acknowledged' | 'unknown' | 'deliveries') => total(results, name);
  return [
    scenario.name,
    String(results.length),
    ...[sum('sends'), sum('acknowledged'), sum('unknown'), sum('deliveries')].map(grouped),
    spread(results.map(({ figures }) => figures.longestPauseMs)),
    spread(results.flatMap(({ figures }) => figures.longestSendMs ?? [])),
    spread(results.map(({ figures }) => figures.recoveredMs)),
    grouped(results.reduce((count, { findings }) => count + findings.length, 0)),
  ];
}

function totalOf(rows: readonly Row[]): string[] {
  const all = rows.flatMap(({ results }) => results);
  const sums = (['sends', 'acknowledged', 'unknown', 'deliveries'] as const).map((name) => grouped(total(all, name)));
  const violations = all.reduce((count, { findings }) => count + findings.length, 0);
  return [`**all ${rows.length}**`, grouped(all.length), ...sums, '', '', '', grouped(violations)];
}

const total = (results: readonly StoredResult[], name: 'sends' | 'acknowledged' | 'unknown' | 'deliveries'): number =>
  results.reduce((sum, { figures }) => sum + figures[name], 0);

const grouped = (value: number): string => value.toLocaleString('en');

function spread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const sorted = values.toSorted((a, b) => a - b);
  const seconds = (ms = 0) => (ms / 1_000).toFixed(1);
  return `${seconds(sorted[Math.floor((sorted.length - 1) / 2)])} / ${seconds(sorted.at(-1))}`;
}
