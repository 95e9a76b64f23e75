import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { spawnGuarded, stopForeign } from './guarded-child.ts';
import { isAlive, processInfo } from './process-info.ts';
import { waitUntil } from './wait.ts';

const FOREVER = 'setInterval(() => {}, 1000)';
const DEAF = `process.on('SIGTERM', () => {}); console.log('deaf'); ${FOREVER}`;

test('a child is known by its pid and its exit', async () => {
  const child = await spawnGuarded(process.execPath, ['-e', 'process.exit(3)']);
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.hasExited).toBe(true);
});

test('a program that does not exist is an error', async () => {
  await expect(spawnGuarded('/no/such/program', [])).rejects.toThrow('ENOENT');
});

test('a child that does not listen is killed after the grace', async () => {
  const child = await spawnGuarded(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (child.process.stdout) await once(child.process.stdout, 'data');
  expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a child does not outlive an owner that was killed', async () => {
  const program = `
    import { spawnGuarded } from ${JSON.stringify(join(import.meta.dirname, 'guarded-child.ts'))};
    const child = await spawnGuarded(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]);
    console.log(child.pid);`;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(processInfo(pid)?.parent).toBe(owner.pid);

  owner.kill('SIGKILL');
  await waitUntil('the child to follow its owner', () => !isAlive(pid));
});

test('a process that is not ours is stopped all the same', async () => {
  const stranger = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  await once(stranger.stdout, 'data');
  const ended = once(stranger, 'exit');
  await stopForeign(stranger.pid ?? 0, 'SIGTERM', 50);
  expect(await ended).toEqual([null, 'SIGKILL']);
});
