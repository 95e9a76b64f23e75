/** Lists and pages of one user: so many a second, over all chat-services, and nobody else pays for it. */
import { RATE_PROFILES } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const BURST = 6;

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService({
    redisTimeoutMs: 60_000,
    limits: { ...RATE_PROFILES.load, readsPerUser: { perSecond: 0.0005, burst: BURST } },
  });
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

test('[LIM-13] [LIM-5] beyond the burst lists and pages of a user are refused, not those of others, nor what is no list', async () => {
  const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
  const { body: room } = await ann.post('/v1/conversations', { kind: 'public' });
  const paths = ['/v1/conversations', `/v1/conversations/${room.cid}/messages`, '/v1/users?q=an'];
  const statuses: number[] = [];
  for (let n = 0; n < BURST; n += 1) statuses.push((await ann.get(paths[n % paths.length]!)).status);
  expect(statuses).toEqual(Array.from({ length: BURST }, () => 200));
  for (const path of paths) {
    const refused = await ann.get(path);
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(refused.body.retryAfterMs).toBeGreaterThan(1_000);
  }
  expect((await bob.get('/v1/conversations')).status).toBe(200);
  expect((await ann.get(`/v1/conversations/${room.cid}`)).status).toBe(200);
});
