import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { readInstallation } from '../../services/mc/src/config.ts';
import { examine } from '../../services/mc/src/doctor/examine.ts';
import type { Finding } from '../../services/mc/src/doctor/finding.ts';

export const MC = join(import.meta.dirname, '../../services/mc/src/main.ts');

export interface McResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as an operator does, in a process of its own. */
export async function mc(args: readonly string[], env: Readonly<Record<string, string>>): Promise<McResult> {
  return startMc(args, env).ended;
}

export interface RunningMc {
  readonly ended: Promise<McResult>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** The same, for one that is told to end. */
export function startMc(args: readonly string[], env: Readonly<Record<string, string>>): RunningMc {
  const child = spawn(process.execPath, [MC, ...args], {
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const ended = Promise.all([text(child.stdout), text(child.stderr), exit]).then(([stdout, stderr, [code]]) => ({
    code: code ?? -1,
    stdout,
    stderr,
  }));
  return { ended, kill: (signal) => void child.kill(signal) };
}

/** What `mc doctor` finds wrong, by its ids; in this process, which costs less than one of its own. */
export async function examined(
  env: Readonly<Record<string, string>>,
  given: { readonly services?: string; readonly backup?: string } = {},
): Promise<ReadonlyMap<string, Finding>> {
  return byId(await examine(readInstallation(given, env)));
}

export const byId = (findings: readonly Finding[]): ReadonlyMap<string, Finding> =>
  new Map(findings.flatMap((finding) => (finding.id === undefined ? [] : [[finding.id, finding] as const])));
