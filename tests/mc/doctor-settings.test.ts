/** `mc doctor` of what is set, of services, and of what it prints. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase, reservePort, startPostgres } from '@messagecore/dev-servers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { PROGRAMS, startService } from '../../deploy/dev/services.ts';
import { smallDisk } from '../faults/cluster/small-disk.ts';
import { loadShim, unableToShim } from '../faults/cluster/shim.ts';
import { startSystem, type System } from '../support/system.ts';
import { addressesOf, settingsOf, testFolder, untilTestEnds } from './installation.ts';
import type { Finding } from '../../services/mc/src/doctor/finding.ts';
import { byId, examined, mc } from './run-mc.ts';

let system: System;
let env: Record<string, string>;
let services: string;

beforeAll(async () => {
  system = await startSystem({ gateways: 1, chatService: { redisTimeoutMs: 10_000 } });
  env = settingsOf(system);
  services = addressesOf(system);
});
afterAll(() => system.stop());

test('of a healthy installation it says so, within 80 columns and without colours, and ends with 0', async () => {
  // The servers of a test run are not durable.
  const server = await untilTestEnds(startPostgres({ dataDir: join(testFolder(), 'postgres'), log: () => {} }));
  const url = await ensureDatabase(server.url, 'messagecore');
  await migrate(url);
  const { code, stdout, stderr } = await mc(['doctor', '--services', services], { ...env, DATABASE_URL: url });
  expect(stdout).toContain('0 faults');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).not.toContain('\u001b');
});

test('a secret that is too short and one that is missing are named, with how one is made; no secret is printed', async () => {
  const { JWT_SECRET: _, SECRETS_KEYS: __, ...rest } = env;
  const { code, stdout } = await mc(['doctor', '--json'], { ...rest, JWT_SECRET: 'short-and-secret' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/setting-JWT_SECRET[^]*openssl rand[^]*setting-SECRETS_KEYS[^]*not set/);
  expect(stdout).not.toContain('short-and-secret');
  expect(stdout).not.toContain(new URL(env['DATABASE_URL']!).password);
});

test('a process that does not answer, and roles that nobody has', async () => {
  const nobody = await reservePort();
  await nobody.release();
  const found = await examined(env, { services: `${services},http://127.0.0.1:${nobody.port}` });
  expect(found.get('service-unreachable')).toMatchObject({ cure: expect.stringContaining('start it') });
  const alone = await examined(env, { services: system.gateways[0]!.url });
  expect(alone.get('roles-missing')).toMatchObject({ what: expect.stringContaining('relay') });
});

test('a service that is not ready, and what it lacks', async () => {
  const own = await startSystem({ gateways: 1, ownRedis: true });
  onTestFinished(() => own.stop());
  await own.nats.stop();
  const lacking = async () => [...(await examined(settingsOf(own), { services: addressesOf(own) })).keys()];
  await expect.poll(lacking).toEqual(expect.arrayContaining(['service-dependency', 'nats-unreachable']));
});

test('a gateway of another protocol version', async () => {
  const other = await untilTestEnds(
    startService({
      title: 'gateway',
      kind: 'gateway',
      program: PROGRAMS.gateway,
      reserved: await reservePort(),
      dataDir: join(testFolder(), 'gateway'),
      env: {
        NATS_URL: system.nats.url,
        NODE_OPTIONS: `--import ${join(import.meta.dirname, 'other-protocol.ts')}`,
        LOG_LEVEL: 'silent',
      },
      log: () => {},
    }),
  );
  const found = await examined(env, { services: `${services},${other.url}` });
  expect(found.get('protocol-versions')).toMatchObject({
    what: expect.stringMatching(/1: .*chat-service.*2: gateway/),
  });
});

const noShim = await unableToShim();
test.skipIf(noShim !== undefined)('a clock that is ahead', async () => {
  const shim = await loadShim(testFolder(), 'clock');
  shim.shiftClock(-60_000);
  const { stdout } = await mc(['doctor', '--json', '--services', services], { ...env, ...shim.env });
  const found = byId(JSON.parse(stdout) as Finding[]);
  expect(found.get('clocks-apart')).toMatchObject({
    what: expect.stringMatching(/(?:59|6\d)\.\d s ahead/),
    cure: expect.stringContaining('NTP'),
  });
});

test('a disk that is nearly full, and one that is not there', async ({ skip }) => {
  const folder = join(testFolder(), 'backups');
  expect((await examined(env, { backup: folder })).get('disk-missing')).toBeDefined();
  await mkdir(folder);
  // Needs the right to mount.
  const release = await smallDisk('1m')(folder).catch(() => undefined);
  if (release === undefined) return skip();
  onTestFinished(release);
  const found = await examined(env, { backup: folder });
  expect(found.get('disk-full')).toMatchObject({ cure: expect.stringContaining('make room') });
});
