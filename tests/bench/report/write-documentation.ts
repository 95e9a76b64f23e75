import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';
import { drawChart, formatPage, type Outcome } from './report.ts';

const DOCS = join(import.meta.dirname, '../../../docs');

/** Writes `docs/benchmarks.md` and its pictures. `load` is that of the machine before the run. */
export async function writeDocumentation(outcomes: readonly Outcome[], load: string): Promise<void> {
  await mkdir(join(DOCS, 'images'), { recursive: true });
  const charts = outcomes.flatMap(({ result }) => (result instanceof Error ? [] : result.charts));
  for (const chart of charts) await writeFile(join(DOCS, 'images', `${chart.name}.svg`), drawChart(chart));
  const versions = Object.assign(
    {},
    ...outcomes.map(({ result }) => (result instanceof Error ? {} : (result.versions ?? {}))),
  ) as Record<string, string>;
  await writeFile(join(DOCS, 'benchmarks.md'), formatPage(outcomes, describeMachine(versions, new Date(), load)));
}
