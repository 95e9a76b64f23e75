import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostEnvironment } from '../config.ts';
import type { Log } from '../log.ts';
import { isExecutable, onPath } from './on-path.ts';
import type { Program } from './program.ts';
import { run } from './run.ts';

/**
 * Debian's packages, unpacked into a folder of ours: nothing is installed, no right is needed, and the system's own
 * lists, caches and locks stay as they are. apt resolves the dependencies against what the machine has, so only the
 * missing ones come along; their libraries are found through `LD_LIBRARY_PATH`.
 */
export function hasApt({ path }: HostEnvironment): boolean {
  return ['apt-get', 'apt-config', 'dpkg-deb'].every((tool) => onPath(tool, path) !== undefined);
}

export async function unpackPackages(
  [name, ...more]: readonly [string, ...string[]],
  folder: string,
  host: HostEnvironment,
  log: Log,
): Promise<void> {
  const work = join(folder, 'apt');
  const archives = join(work, 'cache/archives');
  const lists = join(work, 'lists');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  const env = { ...host.variables, APT_CONFIG: await writePrivateConfig(work, host), LC_ALL: 'C' };

  log('reading the lists of packages');
  await run('apt-get', ['update'], { env });
  log(`downloading ${name}`);
  // Again where the system has it installed: whoever asks for it here does not find that one.
  await run(
    'apt-get',
    ['install', '--yes', '--no-install-recommends', '--reinstall', '--download-only', name, ...more],
    {
      env,
    },
  );
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  if (files.length === 0) throw new Error(`apt-get had nothing to download for ${name}`);
  log(`unpacking ${files.map((file) => file.split('_')[0]).join(', ')}`);
  for (const file of files) await run('dpkg-deb', ['--extract', join(archives, file), join(folder, 'root')], { env });
  await rm(work, { recursive: true });
}

/** The program `name` in a folder that `unpackPackages` filled; undefined when it is not there. */
export async function unpackedProgram(folder: string, name: string): Promise<Program | undefined> {
  const root = join(folder, 'root');
  const path = ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((bin) => join(root, bin, name)).find(isExecutable);
  if (path === undefined) return undefined;
  return { path, env: { LD_LIBRARY_PATH: (await libraryFolders(root)).join(':') } };
}

/** The system's own settings (sources, proxies, keys) with private folders and without its hooks, which clean caches. */
async function writePrivateConfig(work: string, host: HostEnvironment): Promise<string> {
  const settings = await run('apt-config', ['dump'], { env: host.variables });
  const kept = settings.split('\n').filter((line) => !/^(APT::Update|DPkg)::(Pre|Post)-/i.test(line));
  const ours = [
    `Dir::State::lists "${work}/lists";`,
    `Dir::Cache "${work}/cache";`,
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    'Debug::NoLocking "1";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
  ];
  const path = join(work, 'apt.conf');
  await writeFile(path, [...kept, ...ours, ''].join('\n'));
  return path;
}

async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of ['lib', 'usr/lib'].map((folder) => join(root, folder)).filter((folder) => existsSync(folder))) {
    const entries = await readdir(base, { withFileTypes: true });
    const folders = [base, ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(base, entry.name))];
    for (const folder of folders) {
      if ((await readdir(folder)).some((file) => /\.so(\.|$)/.test(file))) found.push(folder);
    }
  }
  return found;
}
