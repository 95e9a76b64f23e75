import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS } from '@messagecore/runtime';
import { describe, expect, test } from 'vitest';
import { type Lock, neededBy, patchesOf } from '../../deploy/docker/production-manifests.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const lock = JSON.parse(read('package-lock.json')) as Lock;

/** Folders of the packages of this repository that a package needs, itself included. */
function packagesOf(folder: string, found = new Set<string>()): Set<string> {
  found.add(folder);
  const { dependencies = {} } = JSON.parse(read(`${folder}/package.json`)) as { dependencies?: Record<string, string> };
  for (const name of Object.keys(dependencies).filter((dependency) => dependency.startsWith('@messagecore/'))) {
    const needed = folders.find(
      (candidate) => (JSON.parse(read(`${candidate}/package.json`)) as { name: string }).name === name,
    );
    if (needed === undefined) throw new Error(`${folder} needs ${name}, which is nowhere`);
    if (!found.has(needed)) packagesOf(needed, found);
  }
  return found;
}

const folders = [
  'protocol',
  ...['libs', 'services'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`)),
].filter((folder) => existsSync(join(root, folder, 'package.json')));

const dockerfiles = readdirSync(join(root, 'deploy/docker')).filter((name) => name.endsWith('.Dockerfile'));

test('there is an image for each service that is deployed', () => {
  expect(dockerfiles.sort()).toEqual(['chat-service.Dockerfile', 'gateway.Dockerfile', 'mc.Dockerfile']);
});

describe.each(dockerfiles)('%s', (file) => {
  const dockerfile = read(`deploy/docker/${file}`);
  const service = file.replace('.Dockerfile', '');
  /** It is run by hand and serves nobody. */
  const isProgram = service === 'mc';
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const last = stages.at(-1)!;
  const copied = [...last.matchAll(/^COPY (?!--from)(\S+) \S+$/gm)].map(([, source]) => source!);

  test('copies folders that exist, and all that the service needs', () => {
    for (const source of copied) expect(existsSync(join(root, source)), source).toBe(true);
    expect(copied).toEqual(expect.arrayContaining([...packagesOf(`services/${service}`)]));
  });

  test('everything it copies gets past .dockerignore', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const source of [
      ...copied,
      'package.json',
      'package-lock.json',
      '.npmrc',
      'patches',
      'deploy/docker/production-manifests.ts',
    ]) {
      expect(
        allowed.some((pattern) => source === pattern || source.startsWith(`${pattern}/`)),
        source,
      ).toBe(true);
    }
  });

  test('brings nothing along that only tests, tools and readers use', () => {
    const exclude = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '*' && /^[^!#]/.test(line));
    const files = copied.flatMap((folder) => globSync(`${folder}/**/*.*`, { cwd: root, exclude }));
    expect(files).toContain(`services/${service}/src/main.ts`);
    const unneeded = /(^|\/)tests?(\/|-)|\.(test|fixture)\.ts$|[^/]\.config\.ts$|_snapshot\.json$|\.md$|vectors\//;
    expect(files.filter((file) => unneeded.test(file))).toEqual([]);
  });

  test('runs a program that exists, as an ordinary user, on a pinned Node', () => {
    const command = JSON.parse(/^(?:ENTRYPOINT|CMD) (\[.*\])$/m.exec(last)![1]!) as string[];
    // What ends by itself needs no small young generation.
    expect(command.slice(0, -1)).toEqual(
      isProgram ? ['node'] : ['node', ...NODE_FLAGS[service as keyof typeof NODE_FLAGS]],
    );
    expect(existsSync(join(root, command.at(-1)!)), command.at(-1)).toBe(true);
    expect(last).toMatch(/^USER node$/m);
    const wanted = (JSON.parse(read('package.json')) as { devDependencies: { node: string } }).devDependencies.node;
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${wanted}-`);
    for (const stage of stages) expect(stage).toMatch(/^\$\{NODE_IMAGE\}/);
  });

  test('installs exactly what is locked and needed, and runs no script of it', () => {
    expect(dockerfile).toContain(`production-manifests.ts ${service} . /manifests`);
    expect(dockerfile).toContain('npm ci --ignore-scripts');
  });

  test('patches the packages that it uses and that have a patch, and leaves the tool out', () => {
    const used = existsSync(join(root, 'patches'))
      ? patchesOf(readdirSync(join(root, 'patches')), neededBy(lock, `services/${service}`))
      : [];
    expect(dockerfile.includes('npm prune --omit=dev')).toBe(used.length > 0);
    expect(dockerfile.includes('patch-package --error-on-fail')).toBe(used.length > 0);
  });

  test.skipIf(isProgram)('is watched', () => {
    expect(last).toMatch(/^HEALTHCHECK .*\\\n\s+CMD \["node"/m);
  });
});
