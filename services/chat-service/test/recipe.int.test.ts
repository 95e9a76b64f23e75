/** CONTRIBUTING's recipe "add a feature", carried out on a copy of the service: one folder, one line, one migration. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@messagecore/dev-servers';
import { createUlid } from '@messagecore/kernel';
import { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createClient } from './client.ts';
import { createTestTenant } from './people.ts';
import type { Role } from '../src/roles/roles.ts';
import { ADMIN_KEY, startTestService, type TestService } from './service.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const SERVICE = join(import.meta.dirname, '..');
const SAMPLE = join(import.meta.dirname, 'sample-feature');
const GATEWAY = join(REPOSITORY, 'services/gateway/src/main.ts');
const LINE = `  async () => (await import('../features/sample/feature.ts')).createSample,\n`;

let copy: string;
let src: string;
let house: TestService;
const secretsKeys = `test:${randomBytes(32).toString('base64')}`;

beforeAll(async () => {
  // The servers are this one's; what is tried are the copies.
  house = await startTestService({ roles: new Set<Role>(['relay']) });
  copy = await mkdtemp(join(tmpdir(), 'recipe-'));
  src = join(copy, 'services/chat-service/src');
  await mkdir(join(copy, 'services/chat-service'), { recursive: true });
  await cp(join(SERVICE, 'src'), src, { recursive: true });
  await cp(join(SERVICE, 'package.json'), join(src, '../package.json'));
  await cp(join(REPOSITORY, 'migrations'), join(copy, 'migrations'), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  await symlink(join(SERVICE, 'node_modules'), join(src, '../node_modules'));
});
afterAll(async () => {
  await house.stop();
  await rm(copy, { recursive: true, force: true });
});

async function addFeature(): Promise<void> {
  const folder = join(src, 'features/sample');
  await mkdir(folder);
  for (const file of (await readdir(SAMPLE)).filter((name) => name.endsWith('.ts'))) {
    const text = await readFile(join(SAMPLE, file), 'utf8');
    await writeFile(join(folder, file), text.replaceAll('../../src/', '../../'));
  }
  await editList((text) => text.replace(/^(const FEATURES[^]*?\n)\];/m, (_, list: string) => `${list}${LINE}];`));
}

async function addMigration(): Promise<void> {
  const path = join(copy, 'migrations/meta/_journal.json');
  const journal = JSON.parse(await readFile(path, 'utf8')) as { entries: { idx: number; when: number }[] };
  const last = journal.entries.at(-1)!;
  const tag = '9999_sample';
  const entry = { ...last, idx: last.idx + 1, when: last.when + 1_000_000, tag };
  await writeFile(path, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  await cp(join(SAMPLE, 'migration.sql'), join(copy, `migrations/${tag}.sql`));
}

async function removeFeature(): Promise<void> {
  await rm(join(src, 'features/sample'), { recursive: true });
  await editList((text) => text.replace(LINE, ''));
}

async function editList(edit: (text: string) => string): Promise<void> {
  const path = join(src, 'roles/features.ts');
  const before = await readFile(path, 'utf8');
  const after = edit(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

function run(program: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  return { child, exited: exitOf(child), output: () => output };
}
const exitOf = (child: ChildProcess) => once(child, 'exit').then(([code]) => code as number);

/** A process of the copy, that of everything there is. */
async function start() {
  const { config } = house;
  const port = await freePort();
  const process = run(join(src, 'main.ts'), {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: config.databaseUrl,
    NATS_URL: config.natsUrl,
    REDIS_URL: config.redisUrl,
    JWT_SECRET: config.jwtSecret,
    SECRETS_KEYS: secretsKeys,
    ADMIN_KEY,
    LIMITS: 'load',
  });
  const rest = createClient(`http://127.0.0.1:${port}`);
  const ready = async () => (await rest.get('/ready').catch(() => ({ status: 0 }))).status;
  await expect
    .poll(ready, { timeout: 90_000 })
    .toBe(200)
    .catch((cause: unknown) => {
      throw new Error(process.output(), { cause });
    });
  const operator = rest.with({ 'x-admin-key': ADMIN_KEY });
  return {
    operator,
    /** Says something in a new conversation, of which Alice is a participant and Carol is not. */
    async say() {
      const tenant = await createTestTenant({ ...house, rest, operator });
      const alice = await tenant.user('alice');
      const [, carol] = [await tenant.user('bob'), await tenant.user('carol')];
      const { body } = await alice.post('/v1/conversations', { kind: 'private', participants: ['ext:bob'] });
      const message = { mid: createUlid()(), kind: 'text', body: { text: 'hello' } };
      expect((await alice.post(`/v1/conversations/${body.cid}/messages`, message)).status).toBe(201);
      return { cid: body.cid as string, tid: tenant.tid, alice, carol };
    },
    async stop() {
      process.child.kill('SIGTERM');
      expect(await process.exited).toBe(0);
    },
  };
}

/** A gateway as it is: it knows nothing of the feature. Returns where clients connect. */
async function startGateway(): Promise<string> {
  const port = await freePort();
  const gateway = run(GATEWAY, {
    ...{ PORT: String(port), HOST: '127.0.0.1', NATS_URL: house.config.natsUrl, LIMITS: 'load' },
  });
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(ready, { timeout: 40_000, message: gateway.output() }).toBe(true);
  return `ws://127.0.0.1:${port}/ws`;
}

async function open(url: string, { token }: { readonly token: string }): Promise<RawClient> {
  const client = await RawClient.open({ url, token });
  onTestFinished(() => client.socket.terminate());
  return client;
}

test('a feature with REST, calls, events, a consumer, a job and a table is added, works, and is removed again', async () => {
  await addFeature();
  await addMigration();
  const migrated = run(join(src, 'migrate.ts'), { DATABASE_URL: house.config.databaseUrl });
  expect(await migrated.exited, migrated.output()).toBe(0);

  const withIt = await start();
  expect((await withIt.operator.post('/admin/v1/sample', { note: 'one' })).status).toBe(204);
  const { cid, alice, carol } = await withIt.say();
  const notes = async () => (await withIt.operator.get('/admin/v1/sample')).body.notes;
  await expect.poll(notes).toEqual([`event ${cid}`, 'job one', 'rest one']);

  const gateway = await startGateway();
  const [phone, laptop] = [await open(gateway, alice), await open(gateway, alice)];
  phone.sendFrame({ t: 'call', op: 'sample.note', ref: 'r1', cid, args: { note: 'two' } });
  const all = ['call two', `event ${cid}`, 'job one', 'rest one'];
  expect((await phone.record.next('result')).data).toEqual({ notes: all });
  expect(await laptop.record.next('conv')).toMatchObject({ cid, event: 'changed' });
  const stranger = await open(gateway, carol);
  stranger.sendFrame({ t: 'call', op: 'sample.note', ref: 'r1', cid, args: { note: 'three' } });
  expect((await stranger.record.next('error')).code).toBe('not_member');
  const overRest = await alice.post(`/v1/conversations/${cid}/sample-notes`, { note: 'two' });
  expect([overRest.status, overRest.body]).toEqual([200, { notes: all }]);

  const contract = await withIt.operator.get('/openapi.json');
  expect(Object.keys(contract.body.paths['/admin/v1/sample'])).toEqual(['post', 'get']);
  await withIt.stop();

  await removeFeature();
  const without = await start();
  expect((await without.operator.get('/admin/v1/sample')).status).toBe(404);
  const after = await without.say();
  const session = await open(gateway, after.alice);
  session.sendFrame({ t: 'call', op: 'sample.note', ref: 'r1', cid: after.cid, args: { note: 'four' } });
  expect((await session.record.next('error')).code).toBe('not_found');
  const { items } = (await without.operator.get('/admin/v1/consumers')).body;
  expect(items.map(({ name }: { name: string }) => name)).not.toContain('sample');
  await without.stop();
}, 180_000);

test('the product starts and answers without any feature', async () => {
  await rm(join(src, 'features'), { recursive: true });
  await editList((text) => text.replaceAll(/^ {2}async \(\) => \(await import\(.*\n/gm, ''));
  const bare = await start();
  const { tid } = await bare.say();
  expect((await bare.operator.get(`/admin/v1/tenants/${tid}/usage?from=2026-01-01&to=2026-01-01`)).status).toBe(404);
  expect((await bare.operator.get('/admin/v1/consumers')).body).toEqual({ items: [] });
  await bare.stop();
}, 180_000);
