/**
 * `node production-manifests.ts SERVICE FROM TO`: writes to TO the manifests and the lock file of one service alone: its
 * workspace, those that it depends on, and the packages that these use when they run. `npm ci` in TO then installs exactly
 * that, in the locked versions. (`npm ci --omit=dev --workspace` would bring what other workspaces need for their tests.)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    const entry = lock.packages[path];
    if (entry === undefined) throw new Error(`the lock file has no ${path}`);
    if (entry.link === true && entry.resolved !== undefined) return visit(entry.resolved);
    for (const [name, isOptional] of dependenciesOf(entry)) {
      const found = resolveFrom(lock, path, name);
      if (found !== undefined) visit(found);
      else if (!isOptional) throw new Error(`${path} needs ${name}, which the lock file lacks`);
    }
  };
  visit(folder);
  return needed;
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

/** The lock file of the service alone. */
export function trimLock(lock: Lock, folder: string): Lock {
  const needed = neededBy(lock, folder);
  const workspaces = [...needed].filter((path) => !path.split('/').includes('node_modules'));
  const links = Object.keys(lock.packages).filter((path) => workspaces.includes(lock.packages[path]?.resolved ?? ''));
  const kept = [...new Set([...needed, ...links])].sort();
  const packages = Object.fromEntries(kept.map((path) => [path, withoutDev(lock.packages[path] ?? {})]));
  return { ...lock, packages: { '': { ...rootManifest(lock, workspaces) }, ...packages } };
}

const rootManifest = ({ name, version }: Lock, workspaces: string[]) => ({ name, version, workspaces });

function withoutDev<T extends { devDependencies?: unknown }>({ devDependencies: _, ...entry }: T) {
  return entry;
}

function main([service = '', from = '.', to = '.']: readonly string[]): void {
  const lock = JSON.parse(readFileSync(join(from, 'package-lock.json'), 'utf8')) as Lock;
  const trimmed = trimLock(lock, `services/${service}`);
  const { workspaces = [] } = trimmed.packages[''] ?? {};
  const write = (path: string, content: object) => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), `${JSON.stringify(content, null, 2)}\n`);
  };
  write('package-lock.json', trimmed);
  write('package.json', { ...rootManifest(lock, workspaces), private: true, type: 'module' });
  for (const folder of workspaces) {
    const manifest = JSON.parse(readFileSync(join(from, folder, 'package.json'), 'utf8')) as {
      devDependencies?: unknown;
    };
    write(`${folder}/package.json`, withoutDev(manifest));
  }
}

if (import.meta.main) main(process.argv.slice(2));
