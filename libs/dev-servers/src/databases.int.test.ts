import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase, createTemplate, databaseUrl, dropDatabase, ensureDatabase } from './databases.ts';
import { startPostgres } from './postgres.ts';
import type { DevServer } from './server.ts';
import { query } from './test-helpers.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'dev-servers-'));
let server: DevServer;

beforeAll(async () => {
  server = await startPostgres({ dataDir, durable: false, log: () => {} });
});

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a template is migrated once, however many ask for it at the same time', async () => {
  let migrations = 0;
  const migrate = async (url: string) => {
    migrations += 1;
    await query(url, 'create table things (name text)');
  };
  await Promise.all([1, 2, 3, 4].map(() => createTemplate(server.url, 'once', migrate)));
  expect(migrations).toBe(1);
});

test('copies have what the template has and share nothing', async () => {
  await createTemplate(server.url, 'shared', async (url) => {
    await query(url, `create table things as select 'first' as name`);
  });
  const [one, other] = await Promise.all([cloneDatabase(server.url, 'shared'), cloneDatabase(server.url, 'shared')]);
  await query(one, `insert into things values ('second')`);
  expect(await query(one, 'select name from things order by name')).toEqual([{ name: 'first' }, { name: 'second' }]);
  expect(await query(other, 'select name from things')).toEqual([{ name: 'first' }]);

  const open = postgres(one, { max: 1, onnotice: () => {} });
  await open`select 1`;
  await dropDatabase(one);
  await expect(query(one, 'select 1')).rejects.toThrow('does not exist');
  await open.end({ timeout: 0 });
});

test('a template whose migration failed does not exist', async () => {
  const failing = createTemplate(server.url, 'broken', () => Promise.reject(new Error('bad migration')));
  await expect(failing).rejects.toThrow('bad migration');
  await expect(query(databaseUrl(server.url, 'broken'), 'select 1')).rejects.toThrow('does not exist');
});

test('a database is made once and keeps what is in it', async () => {
  const url = await ensureDatabase(server.url, 'product');
  await query(url, 'create table things as select 1 as one');
  expect(await ensureDatabase(server.url, 'product')).toBe(url);
  expect(await query(url, 'select one from things')).toEqual([{ one: 1 }]);
});
