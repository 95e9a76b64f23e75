import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from './config.ts';

const LOCK = {
  packages: {
    '': { name: 'repository' },
    libs: { name: 'lib' },
    'node_modules/wanted': { version: '1.0.0' },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
};

/** Takes the place of npm: notes that it was called, talks on standard output, and installs what the lock file says. */
const NPM = `#!${process.execPath}
  const fs = require('node:fs');
  console.log('npm talks');
  fs.writeFileSync('npm-was-called', process.argv.slice(2).join(' '));
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  delete packages['node_modules/elsewhere'];
  fs.mkdirSync('node_modules', { recursive: true });
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
`;

function repository() {
  const root = mkdtempSync(join(tmpdir(), 'messagecore-bootstrap-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'deploy/dev'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'bootstrap.mjs'), join(root, 'deploy/dev/bootstrap.mjs'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/npm'), NPM);
  chmodSync(join(root, 'bin/npm'), 0o755);
  return root;
}

function bootstrap(root: string, program: string, ...args: string[]) {
  writeFileSync(join(root, 'program.ts'), program);
  const env = childEnvironment({ PATH: [join(root, 'bin'), process.execPath].join(delimiter) });
  const child = spawn(process.execPath, [join(root, 'deploy/dev/bootstrap.mjs'), 'program.ts', ...args], { env });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, stdout }));
  return { child, ended };
}

const wasInstalled = (root: string) => existsSync(join(root, 'npm-was-called'));

function install(root: string, packages: unknown) {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
}

test('packages are installed once, out of sight of standard output', async () => {
  const root = repository();
  const program = 'const line: string = process.argv.slice(2).join(); console.log(line); process.exitCode = 7;';
  expect(await bootstrap(root, program, '--json', 'two words').ended).toEqual({
    code: 7,
    stdout: '--json,two words\n',
  });
  expect(wasInstalled(root)).toBe(true);

  rmSync(join(root, 'npm-was-called'));
  expect((await bootstrap(root, program).ended).code).toBe(7);
  expect(wasInstalled(root)).toBe(false);
});

test.each([
  ['another version', { 'node_modules/wanted': { version: '0.9.0' } }, true],
  ['a missing package', {}, true],
  ['what the lock file asks for', { 'node_modules/wanted': { version: '1.0.0' } }, false],
])('with %s installed, npm runs only when it must', async (_what, packages, called) => {
  const root = repository();
  install(root, packages);
  await bootstrap(root, '').ended;
  expect(wasInstalled(root)).toBe(called);
});

test('with a package that is not patched, npm runs', async () => {
  const root = repository();
  install(root, { 'node_modules/wanted': { version: '1.0.0' } });
  mkdirSync(join(root, 'patches'));
  writeFileSync(
    join(root, 'patches/wanted+1.0.0.patch'),
    '--- a/node_modules/wanted/a.js\n+++ b/node_modules/wanted/a.js\n@@ -1,1 +1,2 @@\n a\n+b\n',
  );
  mkdirSync(join(root, 'node_modules/wanted'));
  writeFileSync(join(root, 'node_modules/wanted/a.js'), 'a\nb\n');
  await bootstrap(root, '').ended;
  expect(wasInstalled(root)).toBe(false);

  writeFileSync(join(root, 'node_modules/wanted/a.js'), 'a\n');
  await bootstrap(root, '').ended;
  expect(wasInstalled(root)).toBe(true);
});

test('a signal reaches the program, and its end is ours', async () => {
  const program = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('listening');`;
  const { child, ended } = bootstrap(repository(), program);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(9);
});

test('a program that a signal ended gives the code that shells give', async () => {
  const { ended } = bootstrap(repository(), `process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
  expect((await ended).code).toBe(137);
});
