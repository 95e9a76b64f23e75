import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { childrenOf, isAlive, processInfo } from './process-info.ts';
import { query, silent, testFolder, untilTestEnds } from './test-helpers.ts';
import { waitUntil } from './wait.ts';

const start = (dataDir: string, port?: number) =>
  startPostgres({ dataDir, durable: false, log: silent, ...(port === undefined ? {} : { port }) });

test('it speaks UTF-8 without a language, keeps to the loopback address and wants its password', async () => {
  const server = await untilTestEnds(
    startPostgres({ dataDir: testFolder(), settings: { work_mem: '5MB' }, log: silent }),
  );
  const [facts] = await query(
    server.url,
    `select pg_encoding_to_char(encoding) as encoding, datctype, current_setting('listen_addresses') as addresses,
       current_setting('fsync') as fsync, current_setting('work_mem') as work_mem from pg_database where datname = 'postgres'`,
  );
  expect(facts).toMatchObject({ encoding: 'UTF8', addresses: '127.0.0.1', fsync: 'on', work_mem: '5MB' });
  expect(facts?.['datctype']).toContain('UTF-8');
  const url = new URL(server.url);
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
});

test('killed in the middle of work, it returns on its port with what was committed', async () => {
  const server = await untilTestEnds(start(testFolder()));
  const { url, pid } = server;
  await query(url, 'create table kept as select 1 as one');
  const busy = query(url, `select count(*) from generate_series(1, 1e12::bigint)`).catch((error: unknown) => error);
  await waitUntil('the query to run', async () => {
    const [row] = await query(
      url,
      `select count(*)::int as n from pg_stat_activity where query like '%generate_series%'`,
    );
    return row?.['n'] > 1;
  });

  await server.kill();
  expect(server.isRunning).toBe(false);
  await server.restart();

  expect(server.pid).not.toBe(pid);
  expect(await busy).toBeInstanceOf(Error);
  expect(await query(url, 'select one from kept')).toEqual([{ one: 1 }]);
});

test('a crash is told to those who listen, and a stop is not', async () => {
  const server = await untilTestEnds(start(testFolder()));
  const crashes: string[] = [];
  server.onCrash((reason) => crashes.push(reason));
  await server.restart();
  await server.kill();
  expect(crashes).toEqual([]);
  await server.restart();
  process.kill(server.pid ?? 0, 'SIGKILL');
  await waitUntil('the crash to be told', () => crashes.length > 0);
  expect(crashes).toEqual(['SIGKILL']);
  await server.restart();
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a server whose main process was killed starts again, though its back ends are still at work', async () => {
  const server = await untilTestEnds(start(testFolder()));
  const { url } = server;
  await query(url, 'create table kept as select 1 as one');
  const crashes: string[] = [];
  server.onCrash((reason) => crashes.push(reason));
  const busy = query(url, `select count(*) from generate_series(1, 1e12::bigint)`).catch((error: unknown) => error);
  await waitUntil('the query to run', async () => {
    const [row] = await query(
      url,
      `select count(*)::int as n from pg_stat_activity where query like '%generate_series%'`,
    );
    return row?.['n'] > 1;
  });

  process.kill(server.pid ?? 0, 'SIGKILL');
  await waitUntil('the crash to be told', () => crashes.length > 0);
  await server.restart();

  expect(await query(url, 'select one from kept')).toEqual([{ one: 1 }]);
  expect(await busy).toBeInstanceOf(Error);
});

test('a killed server leaves no process behind', async () => {
  const server = await untilTestEnds(start(testFolder()));
  const family = childrenOf(server.pid ?? 0);
  expect(family.length).toBeGreaterThan(3);
  await server.kill();
  expect(family.filter(isAlive)).toEqual([]);
});

test('a cluster of another major version is said to be one', async () => {
  const dataDir = testFolder();
  await (await start(dataDir)).stop();
  writeFileSync(join(dataDir, 'cluster/PG_VERSION'), '9.6\n');
  await expect(start(dataDir)).rejects.toThrow(/made by PostgreSQL 9\.6.*this is \d+/);
});

test('a record of the process that was only half written does not stop it', async () => {
  const dataDir = testFolder();
  await (await start(dataDir)).stop();
  writeFileSync(join(dataDir, 'server.pid.json'), '{"pid":12');
  const server = await untilTestEnds(start(dataDir));
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a port that is taken and a folder that is in use are said to be so', async () => {
  const dataDir = testFolder();
  const { port } = await untilTestEnds(start(dataDir));
  await expect(start(testFolder(), port)).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
  await expect(start(dataDir)).rejects.toThrow(`in use by process ${process.pid}`);
});

test('a server that cannot start says why', async () => {
  const broken = startPostgres({ dataDir: testFolder(), settings: { shared_buffers: 'much' }, log: silent });
  await expect(broken).rejects.toThrow('invalid value for parameter "shared_buffers"');
});

test('a server left behind by an owner that died is replaced, data kept', async () => {
  const dataDir = testFolder();
  const port = await freePort();
  const program = `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))};
    const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: ${port}, durable: false, log() {} });
    console.log(server.pid);`;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const orphan = Number(line.toString());
  // Without its watchdog nothing tells the server of its owner's death.
  for (const pid of childrenOf(owner.pid ?? 0)) {
    if (processInfo(pid)?.command.includes('read -r')) process.kill(pid, 'SIGKILL');
  }
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(isAlive(orphan)).toBe(true);

  const server = await untilTestEnds(start(dataDir, port));
  expect(isAlive(orphan)).toBe(false);
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a lock file whose number belongs to another program by now does not stop it', async () => {
  const dataDir = testFolder();
  chmodSync(dataDir, 0o755);
  const server = await untilTestEnds(start(dataDir));
  const lockFile = join(dataDir, 'cluster/postmaster.pid');
  const lock = readFileSync(lockFile, 'utf8');
  await server.kill();
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill('SIGKILL'));
  writeFileSync(lockFile, lock.replace(/^\d+/, String(other.pid)));
  await server.restart();
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});
