/** What must hold of an image, by its files and what is recorded of it. Nothing is run here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, neededBy, patchesOf } from '../docker/production-manifests.ts';
import type { Budget } from './budgets.ts';
import { APP, type Contents } from './contents.ts';
import type { ImageFacts } from './engine.ts';
import { filesOf, named, sizeOf, textAt } from './root-folder.ts';
import { readPatch } from './patch.ts';
import { secretIn } from './secrets.ts';

export interface Check {
  readonly name: string;
  readonly result: 'well' | 'failed' | 'left out';
  /** What was found, or why it was left out. */
  readonly detail: string;
}

export interface Examined {
  readonly root: string;
  readonly facts: ImageFacts;
  readonly contents: Contents;
  readonly lock: Lock;
  /** Folder of the service in this repository. */
  readonly service: string;
  readonly budget: Budget;
  /** Folder of the patches of packages. */
  readonly patches: string;
  readonly patchFiles: readonly string[];
  /** Values that must be nowhere in the image. */
  readonly secrets: readonly string[];
  /** Whether it serves, and so has to say whether it is well. */
  readonly serves: boolean;
}

const MIB = 1024 * 1024;
const NAMES_SHOWN = 5;

export function checkFiles(examined: Examined): Check[] {
  return [
    sizeCheck('size of /app', sizeOf(examined.root, APP), examined.budget.app),
    sizeCheck('size of all', sizeOf(examined.root), examined.budget.whole),
    userCheck(examined.facts),
    packagesCheck(examined),
    toolsCheck(examined.contents),
    patchesCheck(examined),
    repositoryCheck(examined.root),
    secretsCheck(examined),
    ...(examined.serves ? [healthcheckCheck(examined.facts)] : []),
  ];
}

const verdict = (name: string, isWell: boolean, detail: string): Check => ({
  name,
  result: isWell ? 'well' : 'failed',
  detail,
});

/** `bad` are things that must not be there. */
const none = (name: string, bad: readonly string[], well: string): Check =>
  verdict(name, bad.length === 0, bad.length === 0 ? well : shortened(bad));

const shortened = (names: readonly string[]): string =>
  [
    ...names.slice(0, NAMES_SHOWN),
    ...(names.length > NAMES_SHOWN ? [`and ${names.length - NAMES_SHOWN} more`] : []),
  ].join(', ');

function sizeCheck(name: string, bytes: number, mostMiB: number): Check {
  const mib = bytes / MIB;
  return verdict(name, mib <= mostMiB, `${mib.toFixed(1)} MiB of ${mostMiB}`);
}

function userCheck({ user }: ImageFacts): Check {
  const name = user.split(':', 1)[0] ?? '';
  return verdict('ordinary user', !['', 'root', '0'].includes(name), name === '' ? 'root' : name);
}

/** Exactly what the lock file says that the service needs: no package for tests or tools, and none missing. */
function packagesCheck({ contents, lock, service }: Examined): Check {
  const wanted = new Map(
    [...neededBy(lock, service)]
      .filter((path) => path.split('/').includes('node_modules') && lock.packages[path]?.link !== true)
      .map((path) => [path, lock.packages[path]] as const),
  );
  const found = new Map(contents.packages.map(({ path, version }) => [path.slice(APP.length + 1), version]));
  const extra = [...found.keys()].filter((path) => !wanted.has(path)).map((path) => `${path} is not needed`);
  const missing = [...wanted]
    // For other systems, or left out by choice.
    .filter(([path, entry]) => !found.has(path) && entry?.optional !== true)
    .map(([path]) => `${path} is missing`);
  const other = [...wanted]
    .filter(([path, entry]) => found.has(path) && found.get(path) !== entry?.version)
    .map(([path, entry]) => `${path} is ${found.get(path)}, not ${entry?.version}`);
  return none('no other package', [...extra, ...missing, ...other], `${found.size}, as locked`);
}

function toolsCheck({ packages, global }: Contents): Check {
  const tools = new Set(['patch-package', 'npm', 'corepack', 'yarn', 'typescript', 'vitest']);
  const found = [...packages, ...global].filter(({ name }) => tools.has(name)).map(({ path }) => path);
  return none('no tool', found, 'no npm, no patch tool');
}

/** The patches of packages that it has are in them. */
function patchesCheck({ root, lock, service, patches, patchFiles }: Examined): Check {
  const wanted = patchesOf(patchFiles, neededBy(lock, service));
  const bad = wanted.filter((file) =>
    readPatch(readFileSync(join(patches, file), 'utf8')).some(
      ({ path, added }) => !added.every((line) => textAt(root, join(APP, path))?.split('\n').includes(line)),
    ),
  );
  return none('patched', bad, wanted.length === 0 ? 'needs none' : wanted.join(', '));
}

function repositoryCheck(root: string): Check {
  return none('no .git', [...named(root, '.git')], 'none');
}

function secretsCheck({ root, facts, secrets }: Examined): Check {
  const found: string[] = [];
  for (const start of [APP, 'home', 'root', 'run', 'tmp']) {
    for (const { path, bytes } of filesOf(root, start)) {
      const why = secretIn({ path, bytes, text: () => readFileSync(join(root, path), 'latin1') }, secrets);
      if (why !== undefined) found.push(`${path}: ${why}`);
    }
  }
  const recorded = secretIn({ path: 'its record', bytes: 0, text: () => facts.record }, secrets);
  if (recorded !== undefined) found.push(`its record: ${recorded}`);
  const known = secrets.length === 0 ? '' : `, nor ${secrets.length} known values`;
  return none('no secret', found, `no key file, no token${known}`);
}

function healthcheckCheck({ healthcheck }: ImageFacts): Check {
  return verdict('has a health check', healthcheck.length > 0, healthcheck[0] ?? 'none');
}
