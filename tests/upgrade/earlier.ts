/** Sources of an earlier commit, ready to run beside these. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../deploy/dev/config.ts';
import type { Release } from '../faults/cluster/cluster.ts';
import { THIS_RELEASE } from '../faults/cluster/releases.ts';

const run = promisify(execFile);

/** What the programs of the services consist of, and the SDK. */
const PARTS = [
  'package.json',
  'patches',
  'protocol',
  'libs',
  'services/chat-service',
  'services/gateway',
  'migrations',
];

const LARGEST_LISTING = 16 * 1024 * 1024;

/** Whether the history of this clone has the commit: a shallow one may not. */
export async function hasCommit(commit: string): Promise<boolean> {
  try {
    await git('cat-file', '-e', `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lays the sources of `commit` out in `folder`, which is made. Packages of others are those that are installed for these
 * sources, with the commit's own patches in place of ours; packages of ours are the commit's own.
 */
export async function layOut(commit: string, folder: string): Promise<Release> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, 'sources.tar');
  await git('archive', '--format=tar', `--output=${archive}`, commit, '--', ...PARTS);
  await run('tar', ['-xf', archive, '-C', folder]);
  await linkPackages(folder, '.');
  for (const part of ['services/chat-service', 'services/gateway']) await linkPackages(folder, part);
  await patchAnew(folder);
  const program = join(folder, 'services/chat-service/src/migrate.ts');
  return {
    root: folder,
    async migrate(databaseUrl) {
      await run(process.execPath, [program], { env: childEnvironment({ DATABASE_URL: databaseUrl }) });
    },
  };
}

/** Copies what is patched here, takes our patches back, and applies the commit's. */
async function patchAnew(folder: string): Promise<void> {
  const [ours, theirs] = [THIS_RELEASE, folder].map((root) => join(root, 'patches')) as [string, string];
  const [own, earlier] = await Promise.all([readdir(ours), readdir(theirs)]);
  for (const name of new Set([...own, ...earlier].map((patch) => patch.replace(/\+[^+]*$/, '').replaceAll('+', '/')))) {
    const copy = join(folder, 'node_modules', name);
    await rm(copy, { recursive: true });
    await cp(join(THIS_RELEASE, 'node_modules', name), copy, { recursive: true });
  }
  // Not the repository that the folder may lie in.
  const apply = (...args: string[]) =>
    run('git', ['apply', ...args], {
      cwd: folder,
      env: childEnvironment({ GIT_CEILING_DIRECTORIES: dirname(folder) }),
    });
  for (const patch of own) await apply('--reverse', join(ours, patch));
  for (const patch of earlier) await apply(join(theirs, patch));
}

async function linkPackages(folder: string, part: string): Promise<void> {
  const [from, to] = [THIS_RELEASE, folder].map((root) => join(root, part, 'node_modules')) as [string, string];
  const names = await readdir(from).catch((): string[] => []);
  await mkdir(to, { recursive: true });
  for (const name of names.filter((each) => each !== '@messagecore')) await symlink(join(from, name), join(to, name));
  if (!names.includes('@messagecore')) return;
  await mkdir(join(to, '@messagecore'));
  for (const [name, path] of Object.entries(OWN)) await symlink(join(folder, path), join(to, '@messagecore', name));
}

/** Packages of ours, by their folders. */
const OWN = {
  protocol: 'protocol',
  kernel: 'libs/kernel',
  runtime: 'libs/runtime',
  bus: 'libs/bus',
  sdk: 'libs/sdk-js',
  testkit: 'libs/testkit',
  'dev-servers': 'libs/dev-servers',
  'chat-service': 'services/chat-service',
  gateway: 'services/gateway',
};

async function git(...args: readonly string[]): Promise<void> {
  await run('git', ['-C', THIS_RELEASE, ...args], { maxBuffer: LARGEST_LISTING });
}
