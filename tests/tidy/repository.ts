import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Module, moduleOf } from './module.ts';
import { type Package, packageOf } from './package.ts';
import type { TextFile } from './text-file.ts';

/** Everything that the rules look at. */
export interface Repository {
  readonly files: readonly TextFile[];
  readonly modules: readonly Module[];
  readonly packages: readonly Package[];
  /** Of all files, pictures too. */
  readonly paths: readonly string[];
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.data', '.cache', '.turbo']);
const TEXT =
  /\.(?:ts|tsx|mts|mjs|js|json|jsonc|md|sql|ya?ml|sh|conf|html|css|Dockerfile|example)$|^(?:LICENSE|run|\.\w+)$/;
const MODULE = /\.(?:ts|tsx|mjs)$/;

export function readRepository(root: string): Repository {
  const paths = pathsOf(root, '');
  const texts = paths.filter((path) => TEXT.test(basename(path)));
  return repositoryOf(Object.fromEntries(texts.map((path) => [path, readFileSync(join(root, path), 'utf8')])), paths);
}

/** A repository from the texts of its files: the real one, or a small one in a test. */
export function repositoryOf(texts: Readonly<Record<string, string>>, paths = Object.keys(texts)): Repository {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const packages = files.filter(({ path }) => path.endsWith('/package.json')).map(packageOf);
  return {
    files,
    packages,
    paths,
    modules: files.filter(({ path }) => MODULE.test(path)).map((file) => moduleOf(file, packages)),
  };
}

function pathsOf(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // `.git` is a file in a work tree of its own.
    if (SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return pathsOf(root, path);
    return [path];
  });
}
