import { deferred, VirtualClock } from '@messagecore/kernel';
import { expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import { createMetrics } from './metrics.ts';
import { opsRoutes } from './ops-routes.ts';

const metrics = createMetrics('test');

test('/health tells each dependency with its latency and fails when one does', async () => {
  const health = createHealth({
    checks: { database: async () => 'pong', bus: () => Promise.reject(new Error('no answer')) },
  });
  const routes = opsRoutes({ health, metrics, ready: () => true });
  const answer = await routes('/health');
  expect(answer?.status).toBe(503);
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    ok: false,
    checks: {
      database: { ok: true, latencyMs: expect.any(Number) },
      bus: { ok: false, latencyMs: expect.any(Number), error: 'no answer' },
    },
  });
});

test('a warning is told and changes nothing', async () => {
  const told: string[] = [];
  const routes = opsRoutes({ health: createHealth({ checks: {}, warnings: () => told }), metrics, ready: () => true });
  expect(JSON.parse((await routes('/health'))?.body ?? '')).toEqual({ ok: true, checks: {} });
  told.push('old');
  const answer = await routes('/health');
  expect(answer?.status).toBe(200);
  expect(JSON.parse(answer?.body ?? '')).toEqual({ ok: true, checks: {}, warnings: ['old'] });
});

test('a probe that hangs has failed after its time, and callers share one round', async () => {
  const clock = new VirtualClock();
  const probe = vi.fn(() => deferred().promise);
  const health = createHealth({ checks: { database: probe }, timeoutMs: 500, clock });
  const reports = Promise.all([health(), health()]);
  clock.advance(500);
  const [first, second] = await reports;
  expect(first).toBe(second);
  expect(first.checks['database']).toEqual({ ok: false, latencyMs: 500, error: 'no answer within 500 ms' });
  expect(probe).toHaveBeenCalledTimes(1);
  void health();
  expect(probe).toHaveBeenCalledTimes(2);
});

test('/health/simple, /ready and /metrics; other paths are not ours', async () => {
  let ready = false;
  const routes = opsRoutes({ health: createHealth({ checks: {} }), metrics, ready: () => ready });
  expect(await routes('/health/simple')).toMatchObject({ status: 200, body: 'ok\n' });
  expect((await routes('/health'))?.status).toBe(200);
  expect(await routes('/ready')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  ready = true;
  expect((await routes('/ready'))?.status).toBe(200);
  expect(await routes('/other')).toBeUndefined();
  expect(await routes('/constructor')).toBeUndefined();
  const scrape = await routes('/metrics');
  expect(scrape?.headers['content-type']).toContain('application/openmetrics-text');
  expect(scrape?.body).toMatch(/^nodejs_eventloop_lag_p99_seconds\{service="test"\} /m);
});

test('metrics of a service: counters, gauges read at the scrape, histograms, apart from other registries', async () => {
  const own = createMetrics('own');
  own.counter('sends_total', 'Sends.', ['kind']).inc({ kind: 'text' }, 2);
  own.gauge('pending', 'Pending.', { collect: (gauge) => gauge.set(7) });
  own.histogram('delivery_seconds', 'Delivery.').observe(0.003);
  const text = await own.render();
  expect(text).toContain('sends_total{kind="text",service="own"} 2');
  expect(text).toContain('pending{service="own"} 7');
  expect(text).toContain('delivery_seconds_bucket{le="0.005",service="own"} 1');
  expect(await metrics.render()).not.toContain('sends_total');
});

test('what costs something is made once for all who ask at a time, and so often a second at the most', async () => {
  const clock = new VirtualClock();
  const rendering = deferred<string>();
  const render = vi.fn(() => rendering.promise);
  const health = createHealth({ checks: {} });
  const routes = opsRoutes({ health, metrics: { contentType: 'text/plain', render }, ready: () => true, clock });
  const together = Array.from({ length: 50 }, () => routes('/metrics'));
  rendering.resolve('first');
  expect(new Set((await Promise.all(together)).map((answer) => answer?.body))).toEqual(new Set(['first']));
  expect(render).toHaveBeenCalledTimes(1);
  render.mockImplementation(async () => 'later');
  for (let n = 0; n < 100; n += 1) expect((await routes('/metrics'))?.body).toBe('later');
  expect(render.mock.calls.length).toBeLessThanOrEqual(12);
  const made = render.mock.calls.length;
  clock.advance(1_000);
  await routes('/metrics');
  expect(render).toHaveBeenCalledTimes(made + 1);
});
