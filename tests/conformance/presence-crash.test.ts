/**
 * A gateway with 10,000 users of one tenant crashes. It is what of a gateway says who is there, over a connection to the bus of its own,
 * without the sockets; everything else, and every time, is as in production.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus } from '@messagecore/bus';
import { systemClock, VirtualClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { PRESENCE_EVERY_MS } from '@messagecore/protocol/bus';
import type { OnlinePage } from '@messagecore/protocol/features';
import { createLogger } from '@messagecore/runtime';
import { must } from '@messagecore/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PresenceReports } from '../../services/gateway/src/presence/reports.ts';
import { Upstream } from '../../services/gateway/src/upstream/upstream.ts';
import { startSystem, type System } from '../support/system.ts';

const USERS = 10_000;
const REPORTS = 3;

let system: System;
let redis: Redis;
beforeAll(async () => {
  system = await startSystem({ ownRedis: true, gateways: 1 });
  redis = new Redis(system.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

/** A gateway that crashes as often as it is told to. */
async function openGateway() {
  const log = createLogger({ name: 'crashing', level: 'silent' });
  const bus = await connectBus({ url: system.nats.url, name: 'crashing', log });
  const { present: report } = new Upstream(bus, systemClock, 'crashing');
  const clock = new VirtualClock();
  const reports = new PresenceReports({ clock, report });
  const reportAll = async () => {
    clock.advance(PRESENCE_EVERY_MS);
    await reports.step();
  };
  return {
    open: (tid: string, userId: string) => reports.opened({ tid, userId, sid: userId }),
    reportAll,
    /** Reports as often as a gateway does, until this is done. */
    async reportUntil(done: Promise<unknown>) {
      let isDone = false;
      const noted = done.finally(() => (isDone = true));
      while (!isDone) {
        await reportAll();
        await Promise.race([noted, sleep(PRESENCE_EVERY_MS)]);
      }
    },
    crash: () => bus.close(),
  };
}

/** How often Redis has carried out each command, those in scripts too, since it was asked last. */
async function commands(): Promise<Readonly<Record<string, number>>> {
  const lines = [...(await redis.info('commandstats')).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)];
  await redis.config('RESETSTAT');
  return Object.fromEntries(lines.map(([, name = '', calls]) => [name, Number(calls)]));
}

const scans = (stats: Readonly<Record<string, number>>) =>
  Object.keys(stats).filter((name) => name === 'keys' || name.endsWith('scan'));

test('[PRES-2] all who were there are offline within 30 s, for who watches and who asks; no keys are scanned', async () => {
  const tenant = await system.tenant();
  const ann = await tenant.user('ann');
  const ids = Array.from({ length: USERS }, () => randomUUID());
  await system.sql`
    insert into users (id, tenant_id, display_name)
    select id, ${tenant.tenantId}, 'one of many' from unnest(${ids}::uuid[]) as id`;
  const count = async () => {
    const url = `${system.api}/v1/presence/online?limit=1`;
    return (await must<OnlinePage>('GET', url, { headers: tenant.backEnd })).count;
  };
  const eye = await system.connect(ann);
  const gateway = await openGateway();
  for (const id of ids) gateway.open(tenant.tenantId, id);
  await gateway.reportAll();

  const watched = ids.slice(0, LIMITS.watchedByUser);
  for (let from = 0; from < watched.length; from += LIMITS.watchedUsers) {
    eye.sendFrame({ t: 'watch', users: watched.slice(from, from + LIMITS.watchedUsers) });
  }
  const told = (state: 'online' | 'offline') => eye.record.of('presence', { state }).length;
  // Asked now and then: after each of so many frames would take the time that is to be shown.
  const until = (state: 'online' | 'offline') =>
    vi.waitUntil(() => told(state) === watched.length, { timeout: LIMITS.presenceMs, interval: 200 });
  await gateway.reportUntil(until('online'));
  await gateway.reportAll();
  expect(await count()).toBe(USERS + 1);

  await commands();
  for (let n = 0; n < REPORTS; n += 1) await gateway.reportAll();
  const quiet = await commands();
  // A thousand users in a script, and a look at whose time is over; besides, the reports of the gateway that is left.
  const scripts = (REPORTS * USERS) / 1_000;
  expect(quiet['evalsha']).toBeGreaterThanOrEqual(2 * scripts);
  expect(quiet['evalsha']).toBeLessThan(2 * scripts + 30);
  expect(quiet['zadd']).toBeLessThan(3 * scripts + 30);
  expect(told('offline')).toBe(0);

  await gateway.crash();
  const crashedAt = performance.now();
  await until('offline');
  const ms = Math.round(performance.now() - crashedAt);
  expect(await count()).toBe(1);
  const crash = await commands();
  expect([scans(quiet), scans(crash)]).toEqual([[], []]);
  process.stdout.write(
    `told after ${ms} ms; ${REPORTS} reports: ${JSON.stringify(quiet)}; crash: ${JSON.stringify(crash)}\n`,
  );
});
