/** A real Prometheus with the rules of deploy/prometheus, in a hurry, on a port and with data of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type GuardedChild, spawnGuarded, waitUntil } from '@messagecore/dev-servers';
import { parse, stringify } from 'yaml';
import { hurried, type Threshold } from './hurried.ts';

export const RULES = join(import.meta.dirname, '../../deploy/prometheus');
export const RULE_FILES = ['recording.rules.yml', 'alerts.rules.yml'] as const;

/** Where each job of prometheus.yml is, as host and port. */
export type Targets = Readonly<Record<string, readonly string[]>>;

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

export interface Exemplars {
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

export interface Prometheus {
  /** @throws Error when the query is none. */
  query(expr: string): Promise<readonly Sample[]>;
  /** Examples of the last minutes. */
  exemplars(expr: string): Promise<readonly Exemplars[]>;
  /** Alerts that fire now, each once. */
  firing(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export function hasPrometheus(): boolean {
  try {
    for (const program of ['prometheus', 'promtool']) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function startPrometheus(targets: Targets, thresholds?: readonly Threshold[]): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-prometheus-'));
  writeConfiguration(dir, targets, thresholds);
  const address = `127.0.0.1:${await freePort()}`;
  const args = {
    'config.file': join(dir, 'prometheus.yml'),
    'storage.tsdb.path': join(dir, 'data'),
    'web.listen-address': address,
    'enable-feature': 'exemplar-storage',
    'query.lookback-delta': '10s',
  };
  const child = await spawnGuarded(
    'prometheus',
    Object.entries(args).map(([name, value]) => `--${name}=${value}`),
    {
      stopSignal: 'SIGTERM',
      stdio: 'ignore',
    },
  );
  const ask = <T>(path: string, query: Readonly<Record<string, string>> = {}) =>
    answerOf<T>(`http://${address}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
  await waitUntil('Prometheus', async () => {
    if (child.hasExited) throw new Error('Prometheus has ended');
    return (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok === true;
  });
  return {
    query: async (expr) => (await ask<{ result: Sample[] }>('query', { query: expr })).result,
    exemplars(expr) {
      const now = Date.now() / 1_000;
      return ask<Exemplars[]>('query_exemplars', { query: expr, start: String(now - 600), end: String(now + 60) });
    },
    async firing() {
      const { alerts } = await ask<{ alerts: Alert[] }>('alerts');
      return [...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!))];
    },
    stop: () => stop(child, dir),
  };
}

interface Alert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

async function answerOf<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; error?: string; data: T };
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${url}`);
  return answer.data;
}

async function stop(child: GuardedChild, dir: string): Promise<void> {
  await child.stop(10_000);
  rmSync(dir, { recursive: true, force: true });
}

function writeConfiguration(dir: string, targets: Targets, thresholds: readonly Threshold[] = []): void {
  const read = (name: string) => readFileSync(join(RULES, name), 'utf8');
  for (const name of RULE_FILES) {
    writeFileSync(join(dir, name), hurried(read(name), name === 'alerts.rules.yml' ? thresholds : []));
  }
  const config = parse(read('prometheus.yml')) as {
    global: object;
    scrape_configs: { job_name: string; static_configs: object }[];
  };
  config.global = { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '1s' };
  for (const job of config.scrape_configs) job.static_configs = [{ targets: targets[job.job_name] ?? [] }];
  writeFileSync(join(dir, 'prometheus.yml'), stringify(config));
}
