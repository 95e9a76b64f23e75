import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine, loadAverage } from '../bench/report/machine.ts';
import { type StoredResult, readResults } from './results.ts';
import type { Outline } from './scenario.ts';
import type { Wording } from './options.ts';
import { formatMarkdown } from './summary.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');

/** Writes the table of all results so far, and the machine, between the markers of the page. */
export async function document({ markers }: Wording, scenarios: readonly Outline[]): Promise<string> {
  const between = new RegExp(`(<!-- ${markers} -->\n)[\\s\\S]*(<!-- end of ${markers} -->)`);
  const rows = await Promise.all(
    scenarios.map(async (scenario) => ({ scenario, results: await readResults(scenario.name) })),
  );
  const run = rows.filter(({ results }) => results.length > 0);
  const machine = describeMachine(versionsOf(run.flatMap(({ results }) => results)), new Date(), loadAverage()).filter(
    (line) => !line.startsWith('Load'),
  );
  const atOnce = new Set(run.flatMap(({ results }) => results.map(({ clusters = 1 }) => clusters)));
  machine.push(`Clusters at once: ${[...atOnce].toSorted((a, b) => a - b).join(', ')}`);
  const page = await readFile(PAGE, 'utf8');
  const figures = `\n${machine.join(' · ')}\n\n${formatMarkdown(run)}\n\n`;
  await writeFile(
    PAGE,
    page.replace(between, (_, start: string, end: string) => `${start}${figures}${end}`),
  );
  return `${run.length} scenarios written into docs/reliability.md`;
}

/** With which servers the runs were made; all of them where runs differ. */
function versionsOf(results: readonly StoredResult[]): Record<string, string> {
  const seen = new Map<string, Set<string>>();
  for (const { versions = {} } of results) {
    for (const [server, version] of Object.entries(versions))
      seen.set(server, (seen.get(server) ?? new Set()).add(version));
  }
  return Object.fromEntries([...seen].map(([server, versions]) => [server, [...versions].join(', ')]));
}
