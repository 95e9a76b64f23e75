/** What is written down for operators agrees: alerts and their pages, dashboards and the JSON that Grafana imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS } from '../../deploy/grafana/dashboards.ts';
import { grafanaJson } from '../../deploy/grafana/panels.ts';

interface Alert {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { groups } = parse(read('deploy/prometheus/alerts.rules.yml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);

test('each alert says how soon it is to be looked at, and has a page that says at what, and what to do', () => {
  for (const { alert, labels, annotations } of alerts) {
    expect(['page', 'ticket'], alert).toContain(labels.severity);
    expect(annotations.summary, alert).not.toBe('');
    const page = read(annotations.runbook);
    expect(page.split('\n')[0]).toBe(`# ${alert}`);
    expect(page).toMatch(/\n## Look at\n\n- [^]+\n## Do\n\n- /);
  }
});

test('each page has its alert, and one alone', () => {
  const pages = readdirSync(join(ROOT, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`);
  expect(alerts.map(({ annotations }) => annotations.runbook).sort()).toEqual(pages.sort());
});

test('the dashboards are what deploy/grafana/generate.ts makes', () => {
  const files = readdirSync(join(ROOT, 'deploy/grafana')).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(DASHBOARDS.map(({ name }) => `${name}.json`).sort());
  for (const dashboard of DASHBOARDS) {
    expect(read(`deploy/grafana/${dashboard.name}.json`)).toBe(grafanaJson(dashboard));
  }
});
