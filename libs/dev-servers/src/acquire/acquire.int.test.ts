import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type HostEnvironment, hostEnvironment } from '../config.ts';
import { startNats } from '../nats.ts';
import { silent, testFolder, untilTestEnds } from '../test-helpers.ts';
import { acquire } from './acquire.ts';
import { hasApt } from './apt.ts';
import { NATS, REDIS } from './program.ts';
import { run } from './run.ts';

const host = hostEnvironment();
const NEEDS_APT = hasApt(host) ? '' : ' (left out: there is no apt on this machine)';

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

/** Something on PATH that calls itself `version`, in front of what a machine has; `go` builds nothing but fails or succeeds. */
function machineWith(version: string, go?: 'works' | 'fails'): { host: HostEnvironment; builds: () => number } {
  const bin = testFolder();
  const log = join(bin, 'builds');
  const program = (name: string, script: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('nats-server', `echo nats-server: v${version}`);
  const server = '#!/bin/sh\\necho nats-server: v99.0.0\\n';
  if (go === 'works') program('go', `printf '${server}' > "$GOBIN/nats-server" && /bin/chmod +x "$GOBIN/nats-server"`);
  if (go === 'fails') program('go', `echo x >> ${log}; echo no network >&2; exit 1`);
  const builds = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0);
  return { host: { ...host, path: bin, variables: { ...host.variables, PATH: `${bin}:${host.path}` } }, builds };
}
const NO_DOCKER = ['path', 'apt', 'homebrew', 'go'] as const;

test('a server that is too old gives way to one that Go builds', async () => {
  const { host: machine } = machineWith('2.9.10', 'works');
  const found = await acquire(NATS, { host: machine, ways: NO_DOCKER, cache: testFolder(), log: silent });
  expect(found.from).toBe('go');
});

test('a server that is new enough is used as it is', async () => {
  const { host: machine } = machineWith('2.10.27', 'works');
  const found = await acquire(NATS, { host: machine, ways: NO_DOCKER, cache: testFolder(), log: silent });
  expect(found.from).toBe('path');
});

test('a server that is too old is used, with one warning, where no newer one can be had', async () => {
  const said: string[] = [];
  const log = (line: string) => void said.push(line);
  const alone = machineWith('2.9.10');
  const found = await acquire(NATS, { host: alone.host, ways: NO_DOCKER, cache: testFolder(), log });
  expect(found.from).toBe('path');
  expect(said).toEqual([expect.stringMatching(/version 2\.9\.10 is used, for want of \d+\.\d+/)]);

  const offline = machineWith('2.9.10', 'fails');
  const cache = testFolder();
  const again = () => acquire(NATS, { host: offline.host, ways: NO_DOCKER, cache, log: silent });
  expect([(await again()).from, (await again()).from, offline.builds()]).toEqual(['path', 'path', 1]);
});

test.runIf(hasApt(host))(`apt fetches a server that runs, leaving the system as it is${NEEDS_APT}`, async () => {
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

test.runIf(hasApt(host))(`two processes that fetch at once get one whole server${NEEDS_APT}`, async () => {
  const cache = testFolder();
  const program = `
    import { acquire } from ${JSON.stringify(join(import.meta.dirname, 'acquire.ts'))};
    import { REDIS } from ${JSON.stringify(join(import.meta.dirname, 'program.ts'))};
    await acquire(REDIS, { ways: ['apt'], cache: ${JSON.stringify(cache)} });`;
  const fetching = [1, 2].map(async () => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
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
