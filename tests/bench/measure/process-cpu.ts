import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the machine. */
const TICK_US = 10_000;

/**
 * CPU time of a process that is not ours to ask, with its children and those it has waited for, microseconds: the whole
 * of a PostgreSQL. Zero where there is no `/proc`.
 */
export function processTreeCpuUs(pid: number): number {
  try {
    return ticksOf(pid) * TICK_US + childrenOf(pid).reduce((sum, child) => sum + processTreeCpuUs(child), 0);
  } catch {
    return 0;
  }
}

/** CPU time of the children that a process has waited for, microseconds. Zero where there is no `/proc`. */
export function endedChildrenCpuUs(pid: number): number {
  try {
    return ticksOf(pid, CHILDREN) * TICK_US;
  } catch {
    return 0;
  }
}

/** Where times begin among a process's fields: of itself and its children, or of its children alone. */
const ALL = 11;
const CHILDREN = 13;

function ticksOf(pid: number, from = ALL): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Fields after the name, which is in brackets and may hold blanks: state is the first of them, utime the twelfth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(from, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** Processes that a process has started. @throws Error when it is gone, or where there is no `/proc`. */
export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}
