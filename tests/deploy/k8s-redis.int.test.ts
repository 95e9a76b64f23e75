/** The real Redis and Sentinel, as deploy/k8s/examples/data starts them. Left out where network name spaces cannot be made. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { acquire, REDIS } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { K8S } from '../../deploy/k8s/render.ts';

const FETCHED = join(import.meta.dirname, '../../.cache/servers');
const OWN_SPACES = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
const can = spawnSync('unshare', [...OWN_SPACES, 'ip', 'link', 'add', 'try', 'type', 'bridge']).status === 0;
const NEEDS_SPACES = can ? '' : ' (left out: no network name spaces can be made on this machine)';

test.runIf(can)(
  `another Redis takes writes when the primary is lost${NEEDS_SPACES}`,
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'messagecore-redis-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const found = await acquire(REDIS, { log: () => {}, ways: ['path', 'apt', 'homebrew'] });
    if (found.kind !== 'program') throw new Error('there is no program of Redis on this machine');
    // A pod has a /tmp of its own, in which nothing of this machine's is seen; the script has what was fetched at /media.
    const inPods = (path: string) => path.replaceAll(FETCHED, '/media');
    // Redis is a Sentinel when it is called by that name; the script has the folder at /mnt.
    symlinkSync(inPods(found.program.path), join(folder, 'redis-sentinel'));
    const environment = childEnvironment({});
    const programEnv = Object.entries(found.program.env).map(([name, value]) => [name, inPods(value)]);
    const env = {
      ...{ ...environment, ...Object.fromEntries(programEnv) },
      PATH: ['/mnt', inPods(dirname(found.program.path)), environment['PATH'], '/usr/sbin'].join(':'),
    };
    mkdirSync(FETCHED, { recursive: true });
    const script = join(import.meta.dirname, '../support/kubernetes/redis-pods.sh');
    const start = join(K8S, 'examples/data/redis/start.sh');
    const command = [...OWN_SPACES, 'bash', script, start, folder, FETCHED];
    const { stdout } = await promisify(execFile)('unshare', command, { env });
    expect(stdout).toBe('primary: redis-0\nafter it was killed: with what was written\nback: as a replica\n');
  },
);
