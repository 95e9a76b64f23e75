/** The command, its budgets, limits and table; and building, opening and looking into an image where there is a builder. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../dev/config.ts';
import { readBudgets } from './budgets.ts';
import { tryCommand } from './command.ts';
import { build, findEngine, inspect, unpack } from './engine.ts';
import { limitsOf } from './limits.ts';
import { ENGINES, IMAGES, parseImagesOptions } from './options.ts';
import { isWell, renderReport, type Report } from './report.ts';
import { textAt } from './root-folder.ts';
import { whyNotRun } from './running.ts';

const ROOT = join(import.meta.dirname, '../..');

test('every image has a Dockerfile and a budget, and nothing else has', () => {
  const files = readdirSync(join(ROOT, 'deploy/docker')).filter((name) => name.endsWith('.Dockerfile'));
  expect(files.map((name) => name.replace('.Dockerfile', '')).sort()).toEqual([...IMAGES].sort());
  expect([...readBudgets().keys()].sort()).toEqual([...IMAGES].sort());
  for (const { app, whole } of readBudgets().values()) expect(app).toBeLessThan(whole);
});

test('a budget file with something else in it is refused', () => {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-budgets-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'budgets.json');
  for (const wrong of ['{"a":{"app":1}}', '{"a":{"app":1,"whole":2,"more":3}}', '{"a":{"app":0,"whole":2}}']) {
    writeFileSync(file, wrong);
    expect(() => readBudgets(file), wrong).toThrow(/whole|more|app/);
  }
});

test('images are tried with the limits of the compose file', () => {
  const flags = limitsOf(join(ROOT, 'docker-compose.yml'), 'gateway-1', Number.POSITIVE_INFINITY).join(' ');
  expect(flags).toBe(
    '--read-only --tmpfs /tmp:size=64m --cap-drop ALL --security-opt no-new-privileges:true --memory 1g --cpus 2 ' +
      '--pids-limit 256 --ulimit nofile=65536:65536',
  );
  // A process may not give another one more than it has.
  expect(limitsOf(join(ROOT, 'docker-compose.yml'), 'gateway-1', 1024)).not.toContain('--ulimit');
  expect(() => limitsOf(join(ROOT, 'docker-compose.yml'), 'nowhere', 1)).toThrow('undefined');
});

test('the flags of the command', () => {
  expect(parseImagesOptions([])).toMatchObject({ images: IMAGES, engine: undefined, tag: 'latest', builds: true });
  const some = parseImagesOptions(['gateway', '--engine', 'buildah', '--build-arg', 'A=b=c', '--no-run', '--json']);
  expect(some).toMatchObject({ images: ['gateway'], engine: 'buildah', buildArgs: ['A=b=c'], runs: false, json: true });
  for (const wrong of [['web'], ['--engine', 'kaniko'], ['--build-arg', 'A'], ['--nothing']])
    expect(() => parseImagesOptions(wrong)).toThrow(wrong.at(-1));
});

test('where images cannot be run it is said why', () => {
  expect(whyNotRun({ name: 'buildah', version: '1' }, 'linux')).toContain('does not run');
  expect(whyNotRun({ name: 'docker', version: '1' }, 'darwin')).toContain('Linux');
  expect(whyNotRun({ name: 'podman', version: '1' }, 'linux')).toBeUndefined();
});

describe('npm run images', () => {
  const ran = (args: readonly string[], more: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      encoding: 'utf8',
      env: childEnvironment(more),
    });

  test('says how to get a builder where there is none', () => {
    const { status, stdout, stderr } = ran([], { PATH: '' });
    expect([status, stdout]).toEqual([1, '']);
    for (const engine of ENGINES) expect(stderr).toContain(engine);
    expect(stderr).toContain('apt-get install podman');
  });

  test('explains itself, and refuses flags that it does not know', () => {
    const { status, stdout } = ran(['--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('--make-base')]);
    expect(ran(['--nothing'])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('--nothing') });
  });
});

test('the table has a row a check, and below it the words of what failed', () => {
  const checks = [
    { name: 'size of all', result: 'well', detail: '1.0 MiB of 2' },
    { name: '/health', result: 'failed', detail: `no answer${' at all'.repeat(20)}\nits last words` },
    { name: 'runs', result: 'left out', detail: 'buildah does not run' },
  ] as const;
  const report: Report = {
    engine: 'podman 4.3.1',
    images: [
      { image: 'gateway', tag: 'messagecore/gateway:latest', bill: 'dist/gateway.cdx.json', components: 3, checks },
    ],
  };
  const text = renderReport(report, false);
  expect(text).toBe(stripVTControlCharacters(text));
  const lines = text.split('\n');
  expect(lines.filter((line) => line.includes('│')).every((line) => line.length <= 100)).toBe(true);
  for (const { name } of checks)
    expect(
      lines.some((line) => line.includes(`│ ${name}`)),
      name,
    ).toBe(true);
  expect(text).toContain('its last words');
  expect(lines.at(-1)).toBe('1 checks well, 1 failed, 1 left out');
  expect(isWell(report)).toBe(false);
  expect(isWell({ ...report, images: [{ ...report.images[0]!, checks: [checks[0], checks[2]] }] })).toBe(true);
  expect(renderReport(report, true)).not.toBe(text);
});

const builders = ENGINES.flatMap((name) => {
  try {
    return [findEngine(name)];
  } catch {
    return [];
  }
});
const NEEDS_BUILDER = builders.length > 0 ? '' : ' (left out: there is no builder of images on this machine)';

test.runIf(builders.length > 0)(
  `each builder here makes an image that can be looked into${NEEDS_BUILDER}`,
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'messagecore-builder-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    mkdirSync(join(dir, 'context/app'), { recursive: true });
    writeFileSync(join(dir, 'context/app/file'), 'what it says');
    const dockerfile = join(dir, 'context/own.Dockerfile');
    const lines = [
      'FROM scratch',
      'ARG WHO',
      'ENV WHO=${WHO}',
      'COPY app /app',
      'USER 1000',
      'HEALTHCHECK CMD ["well"]',
    ];
    writeFileSync(dockerfile, `${[...lines, 'CMD ["nothing"]'].join('\n')}\n`);
    for (const engine of builders) {
      const tag = `localhost/messagecore-test-${engine.name}:${process.pid}`;
      const made = {
        dockerfile,
        context: join(dir, 'context'),
        tag,
        buildArgs: ['WHO=me'],
        secrets: {},
        network: undefined,
      };
      await build(engine, made, () => {});
      try {
        expect(inspect(engine, tag)).toMatchObject({ user: '1000', healthcheck: ['well'] });
        expect(inspect(engine, tag).env).toContain('WHO=me');
        const root = join(dir, engine.name);
        mkdirSync(root);
        unpack(engine, tag, root);
        expect(textAt(root, 'app/file'), engine.name).toBe('what it says');
      } finally {
        tryCommand(engine.name, ['rmi', '--force', tag]);
      }
    }
  },
);
