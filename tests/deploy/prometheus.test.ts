/**
 * The real Prometheus and promtool with the rules of deploy/prometheus: their unit tests, and every query of the rules and
 * dashboards against a system that runs. Left out where they are not installed.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@messagecore/dev-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS } from '../../deploy/grafana/dashboards.ts';
import { WINDOW } from '../ops/hurried.ts';
import { hasPrometheus, type Prometheus, RULE_FILES, RULES, startPrometheus } from '../ops/prometheus.ts';
import { targetsOf } from '../ops/targets.ts';
import { fill, joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const has = hasPrometheus();
const NEEDS = has ? '' : ' (left out: there is no Prometheus on this machine)';

/** What it says. @throws when something is wrong. */
const promtool = async (...args: string[]) => (await promisify(execFile)('promtool', args, { cwd: RULES })).stdout;
const rulesOf = (file: string) => {
  const { groups } = parse(readFileSync(join(RULES, file), 'utf8')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
};

/** Nobody is in the way of these in a system that is well. */
const MAY_BE_EMPTY = [/^max by \(kind, status\) \(sagas\)$/];

describe.runIf(has)(`promtool${NEEDS}`, () => {
  test('accepts the configuration and its rules', async () => {
    expect(await promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
    expect(await promtool('check', 'rules', ...RULE_FILES)).toContain('SUCCESS');
  });

  test.each(['alerts.test.yml', 'service-levels.test.yml'])('%s', { timeout: 240_000 }, async (file) => {
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
  });

  test('each alert has a unit test', () => {
    const tests = ['alerts.test.yml', 'service-levels.test.yml'].map((file) => readFileSync(join(RULES, file), 'utf8'));
    for (const { alert } of rulesOf('alerts.rules.yml'))
      expect(tests.join('')).toContain(`labels: '{alertname="${alert}"}'`);
  });
});

describe.runIf(has)(`Prometheus${NEEDS}`, () => {
  let system: System;
  let prometheus: Prometheus;

  beforeAll(async () => {
    system = await startSystem({ gateways: 2, chatServices: 2, ownProcesses: true });
    prometheus = await startPrometheus(targetsOf(system));
    await useEverything(system);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await system?.stop();
  });

  test('scrapes both services, in the format of OpenMetrics', async () => {
    await waitUntil('both services', async () => (await prometheus.query('up == 1')).length === 4);
    const { headers } = await fetch(`${system.api}/metrics`);
    expect(headers.get('content-type')).toContain('application/openmetrics-text');
  });

  const panels = DASHBOARDS.flatMap(({ name, panels }) => panels.map((panel) => ({ dashboard: name, ...panel })));
  test.each(panels)('dashboard $dashboard: $title', async ({ queries }) => {
    for (const { expr } of queries) {
      const query = expr.replaceAll('$__rate_interval', WINDOW);
      const answer = () => prometheus.query(query);
      if (MAY_BE_EMPTY.some((pattern) => pattern.test(expr))) await answer();
      else await waitUntil(`data of ${query}`, async () => (await answer()).length > 0);
    }
  });

  test.each(rulesOf('recording.rules.yml'))('recorded: $record', async ({ record }) => {
    await waitUntil(`${record}`, async () => (await prometheus.query(record!)).length > 0);
  });

  test('every metric that an alert asks for is there', async () => {
    const series = await prometheus.query('group by (__name__) ({__name__=~".+"})');
    const known = new Set([...series.map(({ metric }) => metric['__name__']), ...RARE]);
    const missing: string[] = [];
    for (const { alert, expr } of rulesOf('alerts.rules.yml')) {
      await prometheus.query(expr);
      missing.push(
        ...metricsOf(expr)
          .filter((name) => !known.has(name))
          .map((name) => `${alert}: ${name}`),
      );
    }
    expect(missing).toEqual([]);
  });

  test('no alert fires while all is well', async () => {
    await waitUntil(
      'rules that were evaluated',
      async () => (await prometheus.query('requests:failed:ratio_rate5m')).length > 0,
    );
    expect(await prometheus.firing()).toEqual([]);
  });

  test('labels are few: no metric has more series than a bound that does not grow with users', async () => {
    const counts = await prometheus.query('topk(5, count by (__name__, instance) ({__name__=~".+"}))');
    for (const { metric, value } of counts) expect(Number(value[1]), metric['__name__']).toBeLessThan(1_500);
  });

  test('a slow request has an example, which names it as its log lines do', async () => {
    await waitUntil(
      'an example',
      async () => (await prometheus.exemplars('http_request_duration_seconds_bucket')).length > 0,
    );
    const [series] = await prometheus.exemplars('http_request_duration_seconds_bucket');
    expect(series?.exemplars[0]?.labels['request_id']).toMatch(/^[\w.:-]+$/);
  });
});

/** Metrics of what has not happened in a system that is well. */
const RARE = new Set(['rpc_faults_total', 'sagas', 'consumer_dead_letters']);
const WORDS = new Set(['by', 'or', 'and', 'unless', 'le', 'sum', 'min', 'max', 'rate', 'increase', 'absent', 'vector']);

function metricsOf(expr: string): readonly string[] {
  const bare = expr.replaceAll(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)/g, '');
  return [...bare.matchAll(/[a-z][\w:]*(?![\w:(])/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS.has(name) && name.includes('_'));
}

/** Messages, a replay of some that were missed, requests, and a tenant that has a quota. */
async function useEverything(system: System): Promise<void> {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = await joinAll(system, room);
  await fill(ann, room.cid, 50);
  const back = await system.connect(room.users.bob);
  await back.join(room.cid, { since: 0 });
  bob.cut();
  await system.sql`update tenants set plan = 'basic' where id = ${room.tid}`;
  await fill(ann, room.cid, 50);
}
