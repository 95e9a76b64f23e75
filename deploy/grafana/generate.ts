/** Writes the dashboards beside this file, for Grafana to import. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS } from './dashboards.ts';
import { grafanaJson } from './panels.ts';

for (const dashboard of DASHBOARDS) {
  writeFileSync(join(import.meta.dirname, `${dashboard.name}.json`), grafanaJson(dashboard));
}
