import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly parent: number;
  /** The command with its arguments, separated by spaces. */
  readonly command: string;
}

/** What runs under `pid` now; undefined when nothing does. A number alone proves nothing, since systems reuse them. */
export function processInfo(pid: number): ProcessInfo | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/** The direct children of `pid`: PostgreSQL's back ends, which outlive a killed postmaster for a moment. */
export function childrenOf(pid: number): number[] {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean)
        .map(Number);
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  const info = processInfo(pid);
  return info !== undefined && info.command !== '';
}

function fromProc(pid: number): ProcessInfo {
  // The second field, the name in brackets, may hold blanks and brackets itself: count from the last bracket.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  return { parent: Number(parent), command };
}

function fromPs(pid: number): ProcessInfo {
  const line = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const blank = line.indexOf(' ');
  return { parent: Number(line.slice(0, blank)), command: line.slice(blank + 1).trim() };
}
