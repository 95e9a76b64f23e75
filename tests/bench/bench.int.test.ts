import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevServer } from '@messagecore/dev-servers';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { drawChart, formatPage, formatTable, type Outcome } from './report/report.ts';
import { runSections } from './run-sections.ts';
import { SECTION_IDS } from './section.ts';
import { startCounting } from './stack/servers.ts';

let folder: string;
let postgres: DevServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messagecore-bench-'));
  // PostgreSQL may run as another account than ours.
  await chmod(folder, 0o755);
  postgres = await startCounting({ dataDir: folder, durable: false });
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Small and short: that everything is measured and reported, not how good the figures are. */
describe.each(SECTION_IDS)('the section "%s"', (id) => {
  test('measures both sides and reports', { timeout: 180_000 }, async () => {
    const said: string[] = [];
    onTestFailed(() => void process.stderr.write(`${said.join('\n')}\n`));
    const [outcome] = await runSections({ only: [id], quick: true, postgres }, (line) => said.push(line));

    const { result, section } = outcome as Outcome;
    if (result instanceof Error) throw result;
    expect(result.rows.length).toBeGreaterThan(0);
    expect(result.rows.map(({ ours, theirs, ratio }) => `${ours}${theirs}${ratio}`).join()).not.toMatch(/NaN|Infinity/);
    expect(formatTable([{ section, result }])).toContain(result.rows[0]?.what);
    expect(formatPage([{ section, result }], ['CPU: any'])).toContain(result.rows.at(-1)?.what.trim());
    for (const chart of result.charts) expect(drawChart(chart)).not.toMatch(/NaN|Infinity|undefined/);
  });
});
