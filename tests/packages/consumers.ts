/** Fresh projects with the packed SDK installed, beside what it is tried with. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { buildPackage } from '../../libs/sdk-js/build.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURE = join(import.meta.dirname, 'consumers');
const INSTALL_MS = 300_000;
const execute = promisify(execFile);

export interface Consumers {
  /** The packed SDK. */
  readonly tarball: string;
  /** Where programs are written; the SDK is installed here, the bundlers one folder above. */
  readonly folder: string;
  /** The folder of all that is installed. */
  readonly root: string;
  /** Writes files of a project of its own and returns its folder. */
  project(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Runs a program and gives what it printed; rejects with all of its output. */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Path of an installed program; undefined when there is none for this machine. */
  program(path: string): Promise<string | undefined>;
  remove(): Promise<void>;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Installs everything; rejects when the registry cannot be reached and nothing is left of an earlier run. */
export async function installConsumers(): Promise<Consumers> {
  const root = await installed();
  await mkdir(join(root, 'runs'), { recursive: true });
  const folder = await mkdtemp(join(root, 'runs', 'run-'));
  const dist = join(folder, 'dist');
  await buildPackage(dist);
  const packed = await npm(['pack', dist, '--json', '--pack-destination', folder], folder);
  const [{ filename } = { filename: '' }] = JSON.parse(packed) as { filename: string }[];
  const tarball = join(folder, filename);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'fresh', private: true }));
  // Offline: whatever it needed besides itself would be missed here.
  await npm(['install', '--offline', '--no-audit', '--no-fund', tarball], folder);
  return {
    tarball,
    folder,
    root,
    async project(name, files) {
      const own = join(folder, name);
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(join(own, file)), { recursive: true });
        await writeFile(join(own, file), text);
      }
      return own;
    },
    run,
    program: async (path) => {
      const whole = join(root, 'node_modules', path);
      return (await exists(whole)) ? whole : undefined;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function run(file: string, args: readonly string[], { cwd, env = {} }: RunOptions = {}): Promise<string> {
  try {
    const { stdout } = await execute(file, [...args], { cwd, env: childEnvironment(env), timeout: INSTALL_MS });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error([String(error), stdout, stderr].join('\n'), { cause: error });
  }
}

/** Installed once for each lock file, and kept. */
async function installed(): Promise<string> {
  const lock = await readFile(join(FIXTURE, 'package-lock.json'));
  const root = join(ROOT, '.cache', `consumers-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (await exists(root)) return root;
  const making = `${root}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await cp(FIXTURE, making, { recursive: true });
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], making);
  await rename(making, root).catch(() => rm(making, { recursive: true, force: true }));
  return root;
}

function npm(args: readonly string[], cwd: string): Promise<string> {
  return run('npm', args, { cwd });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
