import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkFiles, type Examined } from './checks.ts';
import { readContents } from './contents.ts';
import { addFile, FIXTURE_LOCK, makeFixture } from './image-fixture.ts';
import { knownSecrets } from './secrets.ts';

const service = 'services/greeter';
const PATCH =
  'diff --git a/x b/x\n--- a/node_modules/polite/index.js\n+++ b/node_modules/polite/index.js\n@@ -1 +1 @@\n-bye\n+hello\n';
const facts = { user: 'node', env: [], healthcheck: ['node', '-e', ''], record: '[]' };

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-checks-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** What fails of an image that was changed by `change`. */
function failures(change: (root: string) => void = () => {}, other: Partial<Examined> = {}): Record<string, string> {
  const root = makeFixture();
  onTestFinished(() => rmSync(root, { recursive: true }));
  const patches = scratch();
  writeFileSync(join(patches, 'polite+2.1.0.patch'), PATCH);
  change(root);
  const checks = checkFiles({
    ...{ root, facts, lock: FIXTURE_LOCK, service, patches, patchFiles: ['polite+2.1.0.patch'] },
    contents: readContents(root, FIXTURE_LOCK, service),
    budget: { app: 1, whole: 2 },
    secrets: ['a secret of this machine'],
    serves: true,
    ...other,
  });
  expect(checks.length).toBe(other.serves === false ? 8 : 9);
  return Object.fromEntries(
    checks.filter(({ result }) => result === 'failed').map(({ name, detail }) => [name, detail] as const),
  );
}

test('an image as it should be passes', () => {
  expect(failures()).toEqual({});
  expect(failures(undefined, { serves: false, facts: { ...facts, healthcheck: [] } })).toEqual({});
});

test('what makes it larger than its budget is found', () => {
  const large = 'x'.repeat(1024 * 1024);
  expect(failures((root) => addFile(root, 'app/large', large))).toEqual({ 'size of /app': '1.0 MiB of 1' });
  expect(failures((root) => addFile(root, 'usr/large', large + large))).toEqual({ 'size of all': '2.0 MiB of 2' });
});

test('an image for root, or without a health check, is found', () => {
  for (const user of ['', 'root', '0', '0:0'])
    expect(failures(undefined, { facts: { ...facts, user } }), user).toHaveProperty(['ordinary user']);
  expect(failures(undefined, { facts: { ...facts, healthcheck: [] } })).toEqual({ 'has a health check': 'none' });
});

test('packages that are not needed, missing or of another version are found', () => {
  const put = (path: string, name: string, version: string) => (root: string) =>
    addFile(root, `${path}/package.json`, JSON.stringify({ name, version }));
  expect(failures(put('app/node_modules/@words/list', '@words/list', '1.0.0'))).toEqual({
    'no other package': 'node_modules/@words/list is not needed',
  });
  expect(failures(put('app/node_modules/polite', 'polite', '2.0.0'))).toEqual({
    'no other package': 'node_modules/polite is 2.0.0, not 2.1.0',
  });
  expect(failures((root) => rmSync(join(root, 'app/node_modules/polite/node_modules'), { recursive: true }))).toEqual({
    'no other package': 'node_modules/polite/node_modules/@words/list is missing',
  });
  expect(failures(put('app/node_modules/patch-package', 'patch-package', '8.0.1'))).toMatchObject({
    'no tool': 'app/node_modules/patch-package',
  });
  expect(failures(put('usr/local/lib/node_modules/npm', 'npm', '11.0.0'))).toEqual({
    'no tool': 'usr/local/lib/node_modules/npm',
  });
});

test('a patch that is not applied is found', () => {
  const unpatched = (root: string) => addFile(root, 'app/node_modules/polite/index.js', 'first\nbye\nlast\n');
  expect(failures(unpatched)).toEqual({ patched: 'polite+2.1.0.patch' });
});

test('a repository and secrets are found', () => {
  expect(failures((root) => mkdirSync(join(root, 'app/libs/.git')))).toEqual({ 'no .git': 'app/libs/.git' });
  const key = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----\n`;
  const bad: readonly (readonly [path: string, text: string])[] = [
    ['app/.env', 'A=1'],
    ['app/certificates/nginx.key', ''],
    ['app/notes.txt', key],
    ['root/.npmrc', '//registry.example/:_authToken=abc\n'],
    ['home/node/a', 'it is a secret of this machine.'],
  ];
  for (const [path, text] of bad)
    expect(failures((root) => addFile(root, path, text))['no secret'], path).toContain(`${path}: `);
  expect(failures((root) => addFile(root, 'app/.npmrc', 'save-exact=true\n'))).toEqual({});
  const record = 'ENV TOKEN=a secret of this machine';
  expect(failures(undefined, { facts: { ...facts, record } })).toHaveProperty(['no secret']);
});

test('the secrets of a machine are those of its files', () => {
  const dir = scratch();
  const [env, npmrc] = [join(dir, '.env'), join(dir, 'npmrc')];
  writeFileSync(env, `JWT_SECRET=${'j'.repeat(32)}\nPORT=8080\nADMIN_KEY=short\nLIMITS=production-production\n`);
  writeFileSync(npmrc, '//registry.example/:_authToken=abcdefghijklmnop\nsave-exact=true\n');
  expect(knownSecrets(env, npmrc)).toEqual(['j'.repeat(32), 'abcdefghijklmnop']);
  expect(knownSecrets(join(dir, 'none'), undefined)).toEqual([]);
});
