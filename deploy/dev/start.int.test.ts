import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, isPortFree } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from './config.ts';
import type { StartLine } from './state.ts';

/** Runs a program of this folder the way npm does. */
function npmRun(program: string, args: readonly string[], env: Record<string, string>) {
  const command = [join(import.meta.dirname, 'bootstrap.mjs'), `deploy/dev/${program}`, ...args];
  const child = spawn(process.execPath, command, { env: childEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGTERM'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code]) => code as number);
  const firstLine = Promise.race([
    once(reader, 'line').then(([line]) => line as string),
    ended.then((code) => Promise.reject(new Error(`ended with ${code}:\n${stderr}`))),
  ]);
  firstLine.catch(() => {});
  return { child, lines, ended, firstLine };
}

test('npm start tells programs one line, stops at a signal, and leaves data that npm run reset removes', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'messagecore-cli-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const dataDir = join(parent, 'data');
  const env = { MC_DATA_DIR: dataDir, MC_PORT_BASE: String(await freePort()) };

  const start = npmRun('start.ts', ['--json', '--gateways', '1'], env);
  const line = JSON.parse(await start.firstLine) as StartLine;
  expect(Object.keys(line)).toEqual(['api', 'gateways', 'web', 'tenantId', 'apiKey', 'adminKey', 'pids']);
  expect(line.gateways).toHaveLength(1);
  for (const address of [line.api, line.web]) expect((await fetch(address)).status).toBeLessThan(500);
  for (const pid of [...line.pids.chatService, ...line.pids.gateways]) expect(process.kill(pid, 0)).toBe(true);

  expect(await npmRun('reset.ts', [], env).ended).toBe(1);
  expect(existsSync(dataDir)).toBe(true);

  start.child.kill('SIGTERM');
  expect(await start.ended).toBe(0);
  expect(start.lines).toHaveLength(1);
  for (const pid of [...line.pids.chatService, ...line.pids.gateways])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await isPortFree(Number(new URL(line.api).port))).toBe(true);

  expect(await npmRun('reset.ts', [], env).ended).toBe(0);
  expect(existsSync(dataDir)).toBe(false);
});

test('npm run reset leaves a folder alone that npm start did not make', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'messagecore-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(await npmRun('reset.ts', [], { MC_DATA_DIR: folder }).ended).toBe(1);
  expect(existsSync(folder)).toBe(true);
});

test('a flag that is not known is an error that names it', async () => {
  const start = npmRun('start.ts', ['--gatways', '3'], {});
  await expect(start.firstLine).rejects.toThrow("ended with 1:\nUnknown option '--gatways'");
});
