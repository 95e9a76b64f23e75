/** What an operator changes while services run. */
import { call, type TestTenant } from '@messagecore/testkit';
import { RATE_PROFILES } from '@messagecore/protocol';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import type { SystemStatus } from '../../services/mc/src/status/read.ts';
import { addressesOf, settingsOf } from './installation.ts';
import { mc } from './run-mc.ts';

const lines: string[] = [];
let system: System;
let tenant: TestTenant;

beforeAll(async () => {
  const telling = { logLevel: 'error', logTo: { write: (line: string) => void lines.push(line) } };
  system = await startSystem({
    ...{ gateways: 2, chatServices: 2, limits: 'production', ownRedis: true },
    ...{ gateway: telling, chatService: telling },
  });
  tenant = await system.tenant();
});
afterAll(() => system.stop());
afterEach(async () => {
  const { settings } = (await operate('GET')).body;
  const names = Object.keys(settings);
  if (names.length > 0) await operate('PATCH', { settings: Object.fromEntries(names.map((name) => [name, null])) });
});

interface View {
  readonly settings: Readonly<Record<string, string>>;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const operate = (method: 'GET' | 'PATCH', body?: object) =>
  call<View>(method, `${system.api}/admin/v1/system`, {
    headers: { 'x-admin-key': tenant.adminKey },
    ...(body && { body }),
  });

async function status(): Promise<SystemStatus> {
  const told = await mc(
    ['status', '--once', '--json', '--every', '0.1', '--services', addressesOf(system)],
    settingsOf(system),
  );
  expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(told.stdout) as SystemStatus;
}

/** By their own figures, so that every process has them. */
const inForce = (setting: string, value: string | undefined) =>
  expect
    .poll(async () => {
      const pages = [...system.chatServices, ...system.gateways].map(async ({ url }) =>
        (await fetch(`${url}/metrics`)).text(),
      );
      return (await Promise.all(pages)).map(
        (page) => new RegExp(`setting_changed\\{[^}]*setting="${setting}",value="([^"]*)"`).exec(page)?.[1],
      );
    })
    .toEqual(Array.from({ length: system.chatServices.length + system.gateways.length }, () => value));

const limitsAt = async (gateway: number, name: string) => {
  const { token } = await tenant.user(name);
  const client = system.dial({ token, gateway });
  const { limits } = await client.record.next('ready');
  client.cut();
  return [limits.framesPerSecond, limits.sendsPerSecond];
};

test('rates are in force everywhere, also for who is connected, are told to new sessions, outlive a restart, and are taken back', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann } = await joinAll(system, room);
  const own = [RATE_PROFILES.production.framesPerConnection.perSecond, RATE_PROFILES.production.sendsPerUser.perSecond];
  expect([await limitsAt(0, 'cay'), await limitsAt(1, 'dan')]).toEqual([own, own]);

  const rates = 'sendsPerUser=0.01/5,framesPerConnection=33/44';
  const { body } = await operate('PATCH', { settings: { RATES: rates } });
  expect(body.settings).toEqual({ RATES: rates });
  await inForce('RATES', rates);
  expect([await limitsAt(0, 'eve'), await limitsAt(1, 'fay')]).toEqual([
    [33, 0.01],
    [33, 0.01],
  ]);
  const mids = Array.from({ length: 12 }, (_, n) => ann.say(room.cid, `${n}`));
  await ann.record.next('error', { ref: mids.at(-1)!, code: 'rate_limited' });

  const added = await system.addGateway();
  const later = await system.addChatService({ logTo: undefined });
  const page = async () => (await fetch(`${later.url}/metrics`)).text();
  expect(await page()).toContain(`setting="RATES",value="${rates}"`);
  await expect.poll(async () => (await fetch(`${added.url}/ready`)).status).toBe(200);
  expect(await limitsAt(2, 'gil')).toEqual([33, 0.01]);

  await operate('PATCH', { settings: { RATES: null, LIMITS: 'load' } });
  await inForce('LIMITS', 'load');
  const { framesPerConnection, sendsPerUser } = RATE_PROFILES.load;
  expect(await limitsAt(1, 'hal')).toEqual([framesPerConnection.perSecond, sendsPerUser.perSecond]);
  await operate('PATCH', { settings: { LIMITS: null } });
  await inForce('LIMITS', undefined);
  expect(await limitsAt(0, 'ida')).toEqual(own);
  expect((await operate('GET')).body.settings).toEqual({});
  await later.stop();
});

test('what is logged, and how many sessions a user may have, follow too', async () => {
  const { tid, cid, users, ...room } = await newRoom(system, 'ann', 'bob');
  const { ann } = await joinAll(system, { tid, cid, users, ...room });
  await operate('PATCH', { watches: [{ tenantId: tid, conversationId: cid, until: Date.now() + 600_000 }] });
  const said = async () => {
    const mid = ann.say(cid, 'a message');
    await ann.record.next('ack', { mid });
    const about = lines.filter((line) => line.includes(mid)).map((line) => (JSON.parse(line) as { msg: string }).msg);
    return about.filter((msg) => msg === 'message sent' || msg === 'message stored').sort();
  };
  expect(await said()).toEqual([]);
  await operate('PATCH', { settings: { LOG_LEVEL: 'info', MAX_SESSIONS_PER_USER: '1' } });
  await inForce('LOG_LEVEL', 'info');
  await expect.poll(said).toEqual(['message sent', 'message stored']);
  for (const gateway of [0, 1]) {
    const user = await tenant.user(`of-${gateway}`);
    await system.connect(user, { gateway });
    await system.dial({ token: user.token, gateway }).closed;
  }
  const { changed } = await status();
  const processes = system.chatServices.length + system.gateways.length;
  expect(changed).toEqual([
    { setting: 'LOG_LEVEL', value: 'info', processes },
    { setting: 'MAX_SESSIONS_PER_USER', value: '1', processes },
  ]);
  const shown = await mc(['status', '--once', '--every', '0.1', '--services', addressesOf(system)], settingsOf(system));
  expect(shown.stdout).toMatch(new RegExp(`LOG_LEVEL=info \\(${processes} of ${processes}\\)`));

  await operate('PATCH', { settings: { LOG_LEVEL: null, MAX_SESSIONS_PER_USER: null }, watches: [] });
  await inForce('LOG_LEVEL', undefined);
  expect(await said()).toEqual([]);
});

test('who changed what is in the log of the platform', async () => {
  await operate('PATCH', { settings: { LOG_SUCCESS_RATIO: '0.005' } });
  await operate('PATCH', { settings: { LOG_SUCCESS_RATIO: null } });
  const rows = await system.sql<{ before: View; after: View }[]>`
    select before, after from audit_log where action = 'change_system' order by seq desc limit 2`;
  expect(rows.map(({ before, after }) => [before.settings, after.settings])).toEqual([
    [{ LOG_SUCCESS_RATIO: '0.005' }, {}],
    [{}, { LOG_SUCCESS_RATIO: '0.005' }],
  ]);
});

test.each([
  ['JWT_SECRET', 'x'.repeat(40), 'keys are given'],
  ['NATS_URL', 'nats://elsewhere:4222', 'connections are made'],
  ['TRUSTED_PROXIES', '1', 'whom a process trusts'],
  ['WINDOW_MIB', '1', 'memory is shared out'],
  ['SOMETHING', '1', 'no such setting'],
  ['toString', '1', 'no such setting'],
  ['LOG_LEVEL', 'loud', 'expected one of'],
  ['LOG_SUCCESS_RATIO', '0.5', 'from 0 to 0.01'],
  ['RATES', 'sendsPerUser=fast', 'must be rates as'],
  ['RATES', 'sendsPerNobody=1/1', 'must be rates as'],
  ['MAX_PENDING', '0', 'must be 1 or more'],
])('%s=%s is refused with the reason, and nothing of the change is made', async (name, value, reason) => {
  const settings = { [name]: value, LOG_LEVEL: name === 'LOG_LEVEL' ? value : 'warn' };
  const { status: code, body } = await operate('PATCH', { settings });
  expect(code).toBe(400);
  expect(body.errors).toEqual([{ path: `settings.${name}`, message: expect.stringContaining(reason) as unknown }]);
  expect((await operate('GET')).body.settings).toEqual({});
});
