import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Log } from '@messagecore/dev-servers';
import { childEnvironment } from '../dev/config.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const LINES_SHOWN = 25;
const LINE_SHOWN = 100;
/** Lines of builders that tell nothing: empty ones, and ids of layers. */
const NOISE = /^\s*(?:-->.*|[0-9a-f]{64})?$/;

/** What a short command prints. @throws Error with its own words when it fails. */
export function output(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = tryCommand(program, args);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ''} ended with ${status}:\n${lastLines(stderr)}`);
  return stdout;
}

/** The same for a command that may fail. */
export function tryCommand(program: string, args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES, env: childEnvironment({}) });
}

/** Runs a long command, telling `log` its lines as they come. @throws Error with its last lines when it fails. */
export async function follow(program: string, args: readonly string[], log: Log): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment({}) });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      said.push(line);
      if (said.length > LINES_SHOWN) said.shift();
      if (!NOISE.test(line)) log(line.trim().slice(0, LINE_SHOWN));
    });
  }
  const code = await ended(child);
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ''} ended with ${code}:\n${said.join('\n')}`);
}

async function ended(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return code ?? signal ?? 'nothing';
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-LINES_SHOWN).join('\n');
