/** Writes deploy/k8s/chart anew: `node deploy/k8s/write-chart.ts`, with kubectl or kustomize on PATH. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chartFiles } from './chart.ts';
import { K8S } from './render.ts';

const CHART = join(K8S, 'chart');
const { version } = JSON.parse(readFileSync(join(K8S, '../../package.json'), 'utf8')) as { version: string };

const files = chartFiles(version);
rmSync(CHART, { recursive: true, force: true });
for (const [name, text] of files) {
  mkdirSync(dirname(join(CHART, name)), { recursive: true });
  writeFileSync(join(CHART, name), text);
}
