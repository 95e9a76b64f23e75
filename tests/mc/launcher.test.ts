/** `npx mc` with a Node that is too old to run it: the program is one of the test's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { REPOSITORY } from '../support/compose.ts';
import { testFolder } from './installation.ts';

const LAUNCHER = 'services/mc/bin/mc.mjs';
const OLD_NODE = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.0.0' } })`;

function launch(program: string, ...args: string[]) {
  const root = testFolder();
  for (const folder of ['services/mc/bin', 'services/mc/src', 'node_modules/node/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(join(REPOSITORY, LAUNCHER), join(root, LAUNCHER));
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'));
  writeFileSync(join(root, 'services/mc/src/main.ts'), program);
  const child = spawn(process.execPath, ['--import', OLD_NODE, join(root, LAUNCHER), ...args], {
    env: childEnvironment({ PATH: dirname(process.execPath) }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the program, whose exit code is told',
  async (signal) => {
    const program = `
    const alive = setTimeout(() => {}, 20_000);
    process.once(process.argv[2]!, () => { clearTimeout(alive); process.exitCode = 7; });
    process.stdout.write(process.versions.node === '20.0.0' ? 'old' : 'ready');`;
    const child = launch(program, signal);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    expect(text.toString()).toBe('ready');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([7, null]);
  },
);

test('a program that a signal kills is no success', async () => {
  const child = launch(`process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 20_000);`);
  expect(await once(child, 'exit')).toEqual([137, null]);
});
