import { expect, test } from 'vitest';
import { createHealth, observeHealth } from './health.ts';
import { createMetrics } from './metrics.ts';

test('a gauge whose value cannot be had has none, rather than an old one', async () => {
  const metrics = createMetrics('test');
  let fails = false;
  const read = async () => {
    if (fails) throw new Error('the database is away');
    return 7;
  };
  metrics.gauge('pending', 'Pending', { collect: async (gauge) => gauge.set(await read()) });
  metrics.gauge('lag', 'Lag', { labels: ['of'], collect: async (gauge) => gauge.set({ of: 'usage' }, await read()) });
  const before = await metrics.render();
  expect(before).toContain('pending{service="test"} 7');
  expect(before).toContain('lag{of="usage",service="test"} 7');
  fails = true;
  const after = await metrics.render();
  expect(after).toMatch(/^pending\{service="test"\} nan$/im);
  expect(after).not.toContain('of="usage"');
});

test('queues and caches are told with their bounds, as they are at the scrape', async () => {
  const metrics = createMetrics('test');
  const cache = new Map([['a', 1]]);
  metrics.queue('sends', { size: 3, max: 16 });
  metrics.cache('tenants', {
    max: 100,
    get size() {
      return cache.size;
    },
  });
  cache.set('b', 2);
  const text = await metrics.render();
  expect(text).toContain('queue_size{queue="sends",service="test"} 3');
  expect(text).toContain('queue_max_size{queue="sends",service="test"} 16');
  expect(text).toContain('cache_size{cache="tenants",service="test"} 2');
  expect(text).toContain('cache_max_size{cache="tenants",service="test"} 100');
});

test('of many tenants the twenty largest are told, and none that is not among them any more', async () => {
  const metrics = createMetrics('test');
  let sessions = Array.from({ length: 1_000 }, (_, n) => [`t${n}`, n] as const);
  metrics.largestTenants('tenant_sessions', 'Sessions', () => sessions);
  const told = async () => (await metrics.render()).match(/^tenant_sessions\{.*/gm) ?? [];
  expect(await told()).toHaveLength(20);
  expect((await told())[0]).toBe('tenant_sessions{tenant="t999",service="test"} 999');
  sessions = [['t1', 5]];
  expect(await told()).toEqual(['tenant_sessions{tenant="t1",service="test"} 5']);
});

test('a histogram keeps an example of a bucket, in the format of OpenMetrics', async () => {
  const metrics = createMetrics('test');
  const seconds = metrics.histogramWithExamples('seconds', 'Seconds', { labels: ['route'], buckets: [0.1, 1] });
  seconds.observe({ route: '/a' }, 0.05);
  seconds.observe({ route: '/a' }, 0.5, { request_id: 'r-1' });
  const text = await metrics.render();
  expect(text).toMatch(/^seconds_bucket\{le="1",.*\} 2 # \{request_id="r-1"\} 0\.5 /m);
  expect(text).toMatch(/^seconds_bucket\{le="0\.1",.*\} 1$/m);
  expect(text).toMatch(/# EOF\n$/);
});

test('dependencies are told as health finds them', async () => {
  const metrics = createMetrics('test');
  const checks = { database: async () => {}, redis: () => Promise.reject(new Error('away')) };
  observeHealth(metrics, createHealth({ checks }));
  const text = await metrics.render();
  expect(text).toContain('dependency_up{dependency="database",service="test"} 1');
  expect(text).toContain('dependency_up{dependency="redis",service="test"} 0');
  expect(text).toMatch(/^dependency_seconds\{dependency="redis"/m);
});
