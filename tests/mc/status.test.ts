/** `mc status` of a running system. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SystemStatus } from '../../services/mc/src/status/read.ts';
import { startSystem, type System } from '../support/system.ts';
import { addressesOf } from './installation.ts';
import { mc } from './run-mc.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ gateways: 1 });
});
afterAll(() => system.stop());

test('shows sessions, sends, latencies, queues and versions of all processes, once, for programs and for people', async () => {
  const tenant = await system.tenant();
  const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
  const cid = await tenant.channel(ann, bob);
  const client = await system.connect(ann);
  await client.join(cid);
  const args = ['status', '--once', '--every', '1', '--services', addressesOf(system)];
  await client.sayAndWait(cid, 'a message');
  const shown = await mc([...args, '--json'], {});
  const status = JSON.parse(shown.stdout) as SystemStatus;
  expect(shown.code).toBe(0);
  expect(status.processes.map(({ service, state, protocol }) => [service, state, protocol])).toEqual([
    ['chat-service', 'ready', '1'],
    ['gateway', 'ready', '1'],
  ]);
  expect(status).toMatchObject({ connections: 1, users: 1, outbox: expect.any(Number), jobs: { dead: 0 } });
  expect(status.postgres.most).toBeGreaterThan(0);
  expect(status.commitMs.p99).toBeGreaterThan(0);
  const table = await mc(args, {});
  expect(table.stdout).toMatch(/gateway[^]*1 sessions[^]*commits[^]*p99/);
  expect(Math.max(...table.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a process that does not answer is shown as such, and counts', async () => {
  const { code, stdout } = await mc(['status', '--once', '--every', '0.1', '--services', 'http://127.0.0.1:1'], {});
  expect(code).toBe(1);
  expect(stdout).toContain('no answer');
});

test('wrong use ends with 2, what is missing with 1', async () => {
  expect((await mc(['status', '--every', 'often'], {})).code).toBe(2);
  expect(await mc(['status', '--once'], {})).toMatchObject({ code: 1, stderr: expect.stringContaining('MC_SERVICES') });
});
