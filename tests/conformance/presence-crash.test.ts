/** A gateway with 10,000 users of one tenant is killed. Sessions, times and servers are as in production. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import type { OnlinePage } from '@messagecore/protocol/features';
import { must } from '@messagecore/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSystem, type System } from '../support/system.ts';
import { claimsOf, forgeToken } from '../support/tokens.ts';

const USERS = 10_000;
const AT_ONCE = 100;

let system: System;
let redis: Redis;
beforeAll(async () => {
  system = await startSystem({ ownProcesses: true, ownRedis: true });
  redis = new Redis(system.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

/** How often Redis carried out each command, those in scripts too, since the last time. */
async function commands(): Promise<Readonly<Record<string, number>>> {
  const lines = [...(await redis.info('commandstats')).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)];
  await redis.config('RESETSTAT');
  return Object.fromEntries(lines.map(([, name = '', calls]) => [name, Number(calls)]));
}

/** What is asked of chat-services while the work is done: requests, and items in them. */
async function asked(rpc: 'present' | 'presence', work: () => Promise<unknown>): Promise<number> {
  let items = 0;
  const subscription = system.bus.subscribe(`${subjects.rpc(rpc)}.*`, (payload) => {
    items += (JSON.parse(new TextDecoder().decode(payload)) as { items: object[] }).items.length;
  });
  await system.bus.flush();
  await work();
  subscription.unsubscribe();
  return items;
}

test('[PRES-2] within 30 s all who were there are offline, for who watches and who asks, and no keys are scanned', async () => {
  const tenant = await system.tenant();
  const ann = await tenant.user('ann');
  const ids = Array.from({ length: USERS }, () => randomUUID());
  await system.sql`
    insert into users (id, tenant_id, display_name)
    select id, ${tenant.tenantId}, 'one of many' from unnest(${ids}::uuid[]) as id`;
  const claims = claimsOf(ann.token);
  const eye = await system.connect(ann, { gateway: 1 });
  for (let from = 0; from < USERS; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE).map((sub) => forgeToken({ ...claims, sub }));
    await Promise.all(some.map((token) => system.connect({ token }, { gateway: 0 })));
  }
  const count = async () => {
    const headers = tenant.backEnd;
    return (await must<OnlinePage>('GET', `${system.api}/v1/presence/online?limit=1`, { headers })).count;
  };
  await vi.waitUntil(async () => (await count()) === USERS + 1, 30_000);
  const watched = ids.slice(0, LIMITS.watchedByUser);
  for (let from = 0; from < watched.length; from += LIMITS.watchedUsers) {
    eye.sendFrame({ t: 'watch', users: watched.slice(from, from + LIMITS.watchedUsers) });
  }
  const told = (state: 'online' | 'offline') => eye.record.of('presence', { state }).length;
  await eye.record.until('all online', () => told('online') === watched.length);

  await commands();
  const quiet = await asked('present', () => new Promise((done) => setTimeout(done, 18_000)));
  const steady = await commands();
  expect(told('offline')).toBe(0);
  // Three reports of everybody, by a thousand, each one script.
  expect(quiet).toBeGreaterThan(2 * (USERS / 1_000));
  expect(steady['evalsha']).toBeLessThanOrEqual(quiet + AT_ONCE);
  expect(steady['zadd']).toBeLessThanOrEqual(4 * quiet);

  const killedAt = performance.now();
  await system.processes[1]!.kill();
  await eye.record.until('all offline', () => told('offline') === watched.length, LIMITS.presenceMs);
  const toldAfter = performance.now() - killedAt;
  expect(await count()).toBe(1);
  const crash = await commands();
  process.stdout.write(
    `all told after ${Math.round(toldAfter)} ms; Redis in 18 s of quiet: ${JSON.stringify(steady)}; with the crash: ${JSON.stringify(crash)}\n`,
  );
  for (const stats of [steady, crash]) {
    expect(Object.keys(stats).filter((name) => /^keys$|scan$/.test(name))).toEqual([]);
  }
}, 240_000);
