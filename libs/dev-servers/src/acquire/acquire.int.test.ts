import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostEnvironment } from '../config.ts';
import { startNats } from '../nats.ts';
import { silent, testFolder, untilTestEnds } from '../test-helpers.ts';
import { acquire } from './acquire.ts';
import { hasApt } from './apt.ts';
import { NATS, REDIS } from './program.ts';
import { run } from './run.ts';

const host = hostEnvironment();

test('a machine with nothing is told every way to get the server', async () => {
  const bare = { ...host, path: '' };
  const attempt = acquire(NATS, {
    host: bare,
    ways: ['path', 'apt', 'homebrew', 'go'],
    cache: testFolder(),
    log: silent,
  });
  await expect(attempt).rejects.toThrow(/apt-get install nats-server[^]*brew install[^]*go install[^]*start Docker/);
});

test.runIf(hasApt(host))('apt fetches a server that runs, leaving the system as it is', async () => {
  const cache = testFolder();
  const acquired = await acquire(NATS, { host, ways: ['apt'], cache, log: silent });
  const server = await untilTestEnds(startNats({ dataDir: testFolder(), acquired, log: silent }));
  expect(server.pid).toBeGreaterThan(0);

  const offline = {
    ...host,
    variables: { ...host.variables, http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' },
  };
  expect(await acquire(NATS, { host: offline, ways: ['apt'], cache, log: silent })).toEqual(acquired);
});

test.runIf(hasApt(host))('two processes that fetch at once get one whole server', async () => {
  const cache = testFolder();
  const program = `
    import { acquire } from ${JSON.stringify(join(import.meta.dirname, 'acquire.ts'))};
    import { REDIS } from ${JSON.stringify(join(import.meta.dirname, 'program.ts'))};
    await acquire(REDIS, { ways: ['apt'], cache: ${JSON.stringify(cache)} });`;
  const fetching = [1, 2].map(async () => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'ignore' });
    return once(child, 'exit');
  });
  expect(await Promise.all(fetching)).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(readdirSync(join(cache, 'servers'))).toHaveLength(1);
  const acquired = await acquire(REDIS, { ways: ['apt'], cache, log: silent });
  if (acquired.kind !== 'program') throw new Error('apt gives programs');
  const { path, env } = acquired.program;
  expect(await run(path, ['--version'], { env: { ...host.variables, ...env } })).toContain('Redis server');
});
