/**
 * `node production-manifests.ts SERVICE FROM TO`: writes to TO the manifests and the lock file of one service alone: its
 * workspace, those that it depends on, and the packages that these use when they run. `npm ci` in TO then installs exactly
 * that, in the locked versions. (`npm ci --omit=dev --workspace` would bring what other workspaces need for their tests.)
 *
 * Patches of packages that the service uses come along, with patch-package as a development dependency: `npx patch-package`
 * applies them, and `npm prune --omit=dev` takes it away again.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Entry {
  version?: string;
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  devDependencies?: Record<string, string>;
  workspaces?: string[];
  dev?: boolean;
  optional?: boolean;
  integrity?: string;
}

export interface Lock {
  name: string;
  version: string;
  packages: Record<string, Entry>;
}

/** Paths in the lock of everything that the workspace at `folder` needs to run. @throws Error naming what the lock lacks. */
export function neededBy(lock: Lock, folder: string): Set<string> {
  const needed = new Set<string>();
  const visit = (path: string) => {
    if (needed.has(path)) return;
    needed.add(path);
    for (const each of directlyNeededBy(lock, path)) visit(each);
  };
  visit(folder);
  return needed;
}

/** Of these the nearest: what an entry itself depends on, or what a link leads to. @throws Error naming what the lock lacks. */
export function directlyNeededBy(lock: Lock, path: string): string[] {
  const entry = lock.packages[path];
  if (entry === undefined) throw new Error(`the lock file has no ${path}`);
  if (entry.link === true && entry.resolved !== undefined) return [entry.resolved];
  return dependenciesOf(entry).flatMap(([name, isOptional]) => {
    const found = resolveFrom(lock, path, name);
    if (found === undefined && !isOptional) throw new Error(`${path} needs ${name}, which the lock file lacks`);
    return found ?? [];
  });
}

function dependenciesOf(entry: Entry): [name: string, isOptional: boolean][] {
  const isOptionalPeer = (name: string) => entry.peerDependenciesMeta?.[name]?.optional === true;
  return [
    ...Object.keys(entry.dependencies ?? {}).map((name): [string, boolean] => [name, false]),
    ...Object.keys(entry.optionalDependencies ?? {}).map((name): [string, boolean] => [name, true]),
    ...Object.keys(entry.peerDependencies ?? {})
      .filter((name) => !isOptionalPeer(name))
      .map((name): [string, boolean] => [name, false]),
  ];
}

/** Where Node would find `name` from a package at `path`. */
function resolveFrom(lock: Lock, path: string, name: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    const candidate = at === '.' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (at === '.') return undefined;
  }
}

/** The lock file of the service alone, and of packages that only building it takes. */
export function trimLock(lock: Lock, folder: string, tools: readonly string[] = []): Lock {
  const needed = neededBy(lock, folder);
  const neededToBuild = new Set(tools.flatMap((name) => [...neededBy(lock, `node_modules/${name}`)]));
  const workspaces = [...needed].filter((path) => !path.split('/').includes('node_modules'));
  const links = Object.keys(lock.packages).filter((path) => workspaces.includes(lock.packages[path]?.resolved ?? ''));
  const kept = [...new Set([...needed, ...links, ...neededToBuild])].sort();
  const entry = (path: string): Entry => ({
    ...withoutDev(lock.packages[path] ?? {}),
    ...(neededToBuild.has(path) && !needed.has(path) && { dev: true }),
  });
  const packages = Object.fromEntries(kept.map((path) => [path, entry(path)]));
  return { ...lock, packages: { '': { ...rootManifest(lock, workspaces, tools) }, ...packages } };
}

function rootManifest({ name, version, packages }: Lock, workspaces: string[], tools: readonly string[]) {
  const versions = tools.map((tool) => [tool, packages[`node_modules/${tool}`]?.version]);
  return { name, version, workspaces, ...(tools.length > 0 && { devDependencies: Object.fromEntries(versions) }) };
}

/** Of `files`, like `postgres+3.4.9.patch` or `@scope+name+1.0.0.patch`, those of packages that the service uses. */
export function patchesOf(files: readonly string[], needed: ReadonlySet<string>): string[] {
  return files.filter((file) => {
    const name = /^(.+?)\+\d/.exec(file)?.[1]?.replace('+', '/');
    return file.endsWith('.patch') && needed.has(`node_modules/${name}`);
  });
}

function withoutDev<T extends { devDependencies?: unknown }>({ devDependencies: _, ...entry }: T) {
  return entry;
}

function main([service = '', from = '.', to = '.']: readonly string[]): void {
  const lock = JSON.parse(readFileSync(join(from, 'package-lock.json'), 'utf8')) as Lock;
  const folder = `services/${service}`;
  const patches = existsSync(join(from, 'patches'))
    ? patchesOf(readdirSync(join(from, 'patches')), neededBy(lock, folder))
    : [];
  const trimmed = trimLock(lock, folder, patches.length > 0 ? ['patch-package'] : []);
  const { workspaces = [], ...root } = trimmed.packages[''] ?? {};
  const write = (path: string, content: object) => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), `${JSON.stringify(content, null, 2)}\n`);
  };
  write('package-lock.json', trimmed);
  write('package.json', { ...root, workspaces, private: true, type: 'module' });
  for (const workspace of workspaces) {
    const manifest = JSON.parse(readFileSync(join(from, workspace, 'package.json'), 'utf8')) as {
      devDependencies?: unknown;
    };
    write(`${workspace}/package.json`, withoutDev(manifest));
  }
  mkdirSync(join(to, 'patches'), { recursive: true });
  for (const file of patches) copyFileSync(join(from, 'patches', file), join(to, 'patches', file));
}

if (import.meta.main) main(process.argv.slice(2));
