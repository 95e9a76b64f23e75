/** Readers by the hundred must not take the connections to the database that everything else needs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

test('[LIM-13] lists and pages of history take a few connections together, and so many turns of one user', async () => {
  const users = await tenant.users('a', 'b', 'c', 'd');
  const rooms = await Promise.all(users.map((user) => user.post('/v1/conversations', { kind: 'private', name: 'R' })));
  const sql = database(house);
  const watch = database(house);
  // Of requests; consumers have connections of their own.
  const stuck = () => lockWaits(watch, 'chat-service');
  const asking: Promise<{ status: number }>[] = [];
  let elsewhere: Promise<{ status: number }> | undefined;
  await sql.begin(async (tx) => {
    // Whatever reads messages stands still.
    await tx`lock table messages in access exclusive mode`;
    for (const [n, user] of users.entries()) {
      const paths = ['/v1/conversations', `/v1/conversations/${rooms[n]?.body.cid}/messages`];
      for (let i = 0; i < 25; i += 1) asking.push(user.get(paths[i % 2] ?? ''));
    }
    // Of four places one is left for other tenants.
    await expect.poll(stuck, { interval: 20 }).toBe(3);
    const fresh = await tenant.user('fresh');
    expect((await fresh.get('/v1/users/me')).status).toBe(200);
    expect(await stuck()).toBe(3);
    const stranger = await (await createTestTenant(house)).user('stranger');
    elsewhere = stranger.get('/v1/conversations');
    await expect.poll(stuck, { interval: 20 }).toBe(4);
  });
  expect((await elsewhere)?.status).toBe(200);
  const statuses = (await Promise.all(asking)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(4 * 16);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4 * (25 - 16));
});
