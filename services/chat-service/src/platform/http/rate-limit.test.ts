import { VirtualClock } from '@messagecore/kernel';
import { RATE_PROFILES } from '@messagecore/protocol';
import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { expect, test } from 'vitest';
import { createLimits, type Limits } from '../rate-limits/limits.ts';
import { createMemoryBuckets } from '../rate-limits/memory-buckets.ts';
import type { App } from './app-type.ts';
import { addErrors } from './errors.ts';
import { addRateLimit } from './rate-limit.ts';

const rates = {
  ...RATE_PROFILES.load,
  httpPerIp: { perSecond: 2, burst: 4 },
  tokensPerIp: { perSecond: 1, burst: 2 },
};

async function start(limits: Pick<Limits, 'takeRequest'>): Promise<App> {
  const app: App = Fastify().withTypeProvider<ZodTypeProvider>();
  addErrors(app, (end) => end());
  await addRateLimit(app, limits, rates);
  app.get('/any', async () => 'done');
  app.get('/token', { config: { rateLimit: { groupId: 'tokensPerIp' } } }, async () => 'made');
  app.get('/probe', { config: { rateLimit: false } }, async () => 'ready');
  return app;
}

async function get(app: App, url: string, address = '192.0.2.1') {
  const { statusCode, headers } = await app.inject({ url, remoteAddress: address });
  const told = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'];
  return [statusCode, ...told.flatMap((name) => (headers[name] === undefined ? [] : [Number(headers[name])]))];
}

test('[LIM-4] [LIM-15] [LIM-16] a route counts beside all others, and what is refused costs neither rate', async () => {
  const clock = new VirtualClock();
  const app = await start(createLimits(createMemoryBuckets({ clock }), rates));
  expect(await get(app, '/token')).toEqual([200, 2, 1, 1]);
  expect(await get(app, '/token')).toEqual([200, 2, 0, 2]);
  expect(await get(app, '/token')).toEqual([429, 2, 0, 1, 1]);
  expect(await get(app, '/any')).toEqual([200, 4, 1, 2]);
  clock.advance(1_000);
  expect(await get(app, '/token')).toEqual([200, 2, 0, 2]);
  expect(await get(app, '/nowhere')).toEqual([404, 4, 1, 2]);
  expect(await get(app, '/any')).toEqual([200, 4, 0, 2]);
  expect(await get(app, '/nowhere')).toEqual([429, 4, 0, 1, 1]);
  expect(await get(app, '/probe')).toEqual([200]);
  expect(await get(app, '/any', '192.0.2.2')).toEqual([200, 4, 3, 1]);
});

test('[LIM-4] a network of IPv6 is one address', async () => {
  const app = await start(createLimits(createMemoryBuckets({ clock: new VirtualClock() }), rates));
  expect(await get(app, '/any', '2001:db8::1')).toEqual([200, 4, 3, 1]);
  expect(await get(app, '/any', '2001:db8::2:1')).toEqual([200, 4, 2, 1]);
  expect(await get(app, '/any', '2001:db8:0:1::1')).toEqual([200, 4, 3, 1]);
});

test('[LIM-4] a fault of the limiter refuses nobody', async () => {
  const rejecting = await start({ takeRequest: () => Promise.reject(new Error('broken')) });
  expect((await get(rejecting, '/token'))[0]).toBe(200);
  const throwing = await start({
    takeRequest() {
      throw new Error('broken');
    },
  });
  expect((await get(throwing, '/any'))[0]).toBe(200);
});

test('a route that names no rate is refused when it is added', async () => {
  const app = await start(createLimits(createMemoryBuckets({ clock: new VirtualClock() }), rates));
  expect(() => app.get('/wrong', { config: { rateLimit: { groupId: 'tokens' } } }, async () => '')).toThrow(
    'no rate tokens',
  );
});
