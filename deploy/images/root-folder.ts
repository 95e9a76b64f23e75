/** The files of an image, unpacked into a folder: what the checks and the bill of materials look at. */
import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FileOf {
  /** From the image's root, without a slash in front. */
  readonly path: string;
  readonly bytes: number;
}

/** Every ordinary file below `start`, a path from the root. Links are not followed, so that nothing counts twice. */
export function* filesOf(root: string, start = ''): Generator<FileOf> {
  for (const entry of entriesOf(join(root, start))) {
    const path = join(start, entry.name);
    if (entry.isDirectory()) yield* filesOf(root, path);
    else if (entry.isFile()) yield { path, bytes: lstatSync(join(root, path)).size };
  }
}

/** Every folder and file that is called `name`. */
export function* named(root: string, name: string, start = ''): Generator<string> {
  for (const entry of entriesOf(join(root, start))) {
    const path = join(start, entry.name);
    if (entry.name === name) yield path;
    else if (entry.isDirectory()) yield* named(root, name, path);
  }
}

/** Bytes of all files below `start`. */
export function sizeOf(root: string, start = ''): number {
  let bytes = 0;
  for (const file of filesOf(root, start)) bytes += file.bytes;
  return bytes;
}

/** One package of npm as it lies in the image. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  /** From the image's root: `app/node_modules/ws`. */
  readonly path: string;
}

/** What is in every `node_modules` below `start`. Links, as those to packages of this repository, are left out. */
export function npmPackages(root: string, start = ''): NpmPackage[] {
  const found: NpmPackage[] = [];
  for (const folder of named(root, 'node_modules', start)) collect(root, folder, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function collect(root: string, modules: string, found: NpmPackage[]): void {
  for (const entry of entriesOf(join(root, modules)).filter((each) => each.isDirectory())) {
    const path = join(modules, entry.name);
    // A scope is a folder of packages.
    if (entry.name.startsWith('@')) collect(root, path, found);
    else if (!entry.name.startsWith('.')) {
      const own = packageAt(root, path);
      if (own !== undefined) found.push(own);
      for (const nested of named(root, 'node_modules', path)) collect(root, nested, found);
    }
  }
}

/** The package whose `package.json` is in a folder. */
export function packageAt(root: string, path: string): NpmPackage | undefined {
  const file = join(root, path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { name, version, license } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name, version, license: typeof license === 'string' ? license : undefined, path };
}

/** Text of a file, or undefined when there is none. */
export function textAt(root: string, path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Of a folder that is not there: none. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
