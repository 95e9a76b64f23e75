import Table from 'cli-table3';
import type { Row, Section, SectionResult } from '../section.ts';
import type { Chart } from './chart.ts';
import { drawBars } from './draw-bars.ts';
import { drawLines } from './draw-lines.ts';
import { drawPanels } from './draw-panels.ts';

/** What a section gave, or why it gave nothing. */
export interface Outcome {
  readonly section: Pick<Section, 'id' | 'title'>;
  readonly result: SectionResult | Error;
}

export function drawChart(chart: Chart): string {
  if (chart.kind === 'panels') return drawPanels(chart);
  return chart.kind === 'bars' ? drawBars(chart) : drawLines(chart);
}

/** For the terminal. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['', 'MessageCore', 'beside it', 'ratio', 'goal', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left'],
  });
  for (const { section, result } of outcomes) {
    table.push([{ colSpan: 6, content: section.title }]);
    if (result instanceof Error) table.push([{ colSpan: 6, content: `failed: ${firstLine(result)}` }]);
    else for (const row of result.rows) table.push(cells(row));
  }
  return table.toString();
}

/** The page that goes into the documentation, beside the pictures. */
export function formatPage(outcomes: readonly Outcome[], machine: readonly string[]): string {
  const parts = outcomes.flatMap(({ section, result }) => [
    `## ${section.title}`,
    ...(result instanceof Error ? [`Not measured: ${firstLine(result)}`] : sectionParts(result)),
  ]);
  return `${[INTRODUCTION, machine.map((line) => `- ${line}`).join('\n'), ...parts].join('\n\n')}\n`;
}

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench\`; every figure is from one run on one machine. Each is shown beside something that was run in the
same minutes on the same machine, so that the ratio means something where the machine is another.`;

function sectionParts({ rows, charts, notes }: SectionResult): string[] {
  const head = '| | MessageCore | beside it | ratio | goal | |\n| --- | --: | --: | --: | --- | --- |';
  const body = rows.map((row) => `| ${cells(row).map(escapeCell).join(' | ')} |`);
  const pictures = charts.map((chart) => `![${chart.title}](images/${chart.name}.svg)`);
  return [
    [head, ...body].join('\n'),
    ...pictures,
    ...notes
      .map((note) => `- ${note}`)
      .join('\n')
      .split('\n\n'),
  ];
}

function cells({ what, ours, theirs, ratio, goal }: Row): string[] {
  return [what, ours, theirs, ratio, goal?.text ?? '', goal === undefined ? '' : goal.met ? '✓' : '✗ missed'];
}

/** Markdown would drop the blanks that set a row in. */
const escapeCell = (cell: string) => cell.replaceAll('|', '\\|').replace(/^ +/, '· ');

const LONGEST_REASON = 100;

function firstLine(error: Error): string {
  return (error.message.split('\n')[0] ?? '').slice(0, LONGEST_REASON);
}
