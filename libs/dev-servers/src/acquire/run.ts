import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** It is ended after so long; never when left out. */
  readonly timeout?: number;
}

/** Enough for a stack trace with the error above it. */
const LINES_SHOWN = 25;

/** Runs a command to its end and returns what it printed. @throws Error with its last lines when it fails. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const end = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-LINES_SHOWN).join('\n');
      reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}:\n${end}`));
    });
  });
}
