/** Faults of real services reach a receiver of reports, and nothing that is secret or private does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { sentryConfig, startErrorReports } from '@messagecore/runtime';
import { call, newMid, type ReceivedEvent, SentryReceiver } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { parseDsn } from '../../libs/runtime/src/sentry-dsn.ts';
import { settingsOf } from '../mc/installation.ts';
import { MC } from '../mc/run-mc.ts';
import { joinAll, newRoom } from '../support/room.ts';
import { JWT_SECRET, startSystem, type System } from '../support/system.ts';

let receiver: SentryReceiver;
let system: System;

beforeAll(async () => {
  receiver = await SentryReceiver.start();
  const config = sentryConfig({ SENTRY_DSN: parseDsn(receiver.dsn), SENTRY_ENVIRONMENT: 'tests' });
  const reportsOf = (service: string) => startErrorReports(config, { service, hidden: [] });
  const [gateway, chatService] = [reportsOf('gateway'), reportsOf('chat-service')];
  const tracing = { endpoint: 'http://127.0.0.1:9', headers: {}, ratio: 1 };
  system = await startSystem({
    gateways: 1,
    gateway: { reports: gateway, tracing, logLevel: 'error', logTo: { write() {} } },
    chatService: { reports: chatService, logLevel: 'error', logTo: { write() {} } },
  });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});

const reported = (about: object, tags: Readonly<Record<string, unknown>> = {}) =>
  expect
    .poll(() => receiver.events)
    .toContainEqual(expect.objectContaining({ ...about, tags: expect.objectContaining(tags) as unknown }));

test('a request, a send and a job that failed are reported with their tenant, and with no secret and no text', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { tenant, tid, cid, users } = room;
  const { ann } = await joinAll(system, room);
  const text = 'planted text 51fe';
  await ann.sayAndWait(cid, text);

  // A table that is gone, asked for by REST.
  await system.sql`alter table bookmarks rename to lost_bookmarks`;
  await call('GET', `${system.api}/v1/bookmarks?token=${users.ann.token}`, { headers: users.ann.auth });
  await call('PUT', `${system.api}/v1/conversations/${cid}/bookmarks/1`, {
    headers: users.ann.auth,
    body: { note: text },
  });
  await reported({ level: 'error' }, { service: 'chat-service', tenant: tid, route: 'GET /v1/bookmarks' });
  await system.sql`alter table lost_bookmarks rename to bookmarks`;

  // Sends that cannot be stored: a trigger refuses, and quotes what it refuses.
  await system.sql`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'cannot take "%"', new.body; end $$`;
  await system.sql`create trigger refuse before insert on messages for each row execute function refuse()`;
  ann.say(cid, text);
  await call('POST', `${system.api}/v1/conversations/${cid}/messages`, {
    headers: users.bob.auth,
    body: { mid: newMid(), kind: 'text', body: { text } },
  });
  await reported(
    { level: 'error', logentry: { formatted: 'message not sent' } },
    { service: 'gateway', tenant: tid, cid, trace: expect.stringMatching(/^[\da-f]{32}$/) },
  );
  await system.sql`drop trigger refuse on messages`;

  // A job in its last attempt.
  await system.sql`
    insert into jobs (tenant_id, kind, payload, ready, run_at, attempts)
    values (${tid}, 'saga', ${system.sql.json({ id: text })}, true, now(), 50)`;
  await reported({ level: 'error', logentry: { formatted: 'job failed in all its attempts' } }, { tenant: tid });

  await call('POST', `${system.api}/v1/tokens`, { headers: { 'x-api-key': tenant.apiKey }, body: { user: '\u0000' } });
  expect(receiver.faults).toEqual([]);
  const all = Buffer.concat(receiver.received);
  for (const secret of [
    text,
    JWT_SECRET,
    tenant.apiKey,
    tenant.adminKey,
    users.ann.token,
    users.bob.token,
    users.ann.userId,
  ])
    expect(all.includes(secret), secret).toBe(false);
});

const main = (service: string) => join(import.meta.dirname, `../../services/${service}/src/main.ts`);

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number | null> {
  const child = spawn(process.execPath, args, { env: childEnvironment(env), stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const of = (service: string): ReceivedEvent[] => receiver.events.filter(({ tags }) => tags['service'] === service);

test('what ends a program is reported before it ends: a start that fails, an error that nobody caught, a command', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const port = String((taken.address() as { port: number }).port);
  const env = { ...settingsOf(system), SENTRY_DSN: receiver.dsn, SENTRY_ENVIRONMENT: 'programs', HOST: '127.0.0.1' };
  const before = receiver.events.length;
  expect(await run([main('gateway'), '--'], { ...env, PORT: port })).toBe(1);
  expect(of('gateway').at(-1)).toMatchObject({ environment: 'programs', tags: { part: 'gateway' } });

  const thrower = 'data:text/javascript,setTimeout(()=>{throw new Error("thrown by a test")},2000)';
  expect(await run(['--import', thrower, main('chat-service')], { ...env, PORT: '0' })).toBe(1);
  expect(of('chat-service').at(-1)).toMatchObject({ level: 'fatal', logentry: { formatted: 'uncaught error' } });

  const unreachable = { ...env, DATABASE_URL: 'postgres://chat:hush-password@127.0.0.1:9/none' };
  expect(await run([MC, 'backup', '--backup', '/nowhere/at-all'], unreachable)).toBe(1);
  expect(of('mc').at(-1)).toMatchObject({ level: 'error', tags: { command: 'backup' } });
  const move = { ...env, MC_MOVE_FROM: unreachable.DATABASE_URL, MC_MOVE_TO: unreachable.DATABASE_URL };
  expect(await run([MC, 'move', 'status'], move)).toBe(1);
  expect(of('mc').at(-1)).toMatchObject({ level: 'error', tags: { command: 'move' } });
  expect(receiver.events.length).toBe(before + 4);
  expect(receiver.faults).toEqual([]);
  for (const secret of ['hush-password', JWT_SECRET, 'the operator key of the tests']) {
    expect(Buffer.concat(receiver.received).includes(secret), secret).toBe(false);
  }
});
