import { readdirSync, readFileSync } from 'node:fs';

/** What all threads of a process have used since it started. */
export interface ProcessUse {
  /** CPU time, microseconds. */
  readonly cpuUs: number;
  /** How often a thread had nothing to do and was woken: voluntary context switches. */
  readonly wakeUps: number;
}

export const NO_USE: ProcessUse = { cpuUs: 0, wakeUps: 0 };

/** To the nanosecond, where `/proc/PID/stat` counts hundredths of a second. All zero where there is no such process. */
export function processUse(pid: number): ProcessUse {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => threadUse(`/proc/${pid}/task/${thread}`));
    return threads.reduce(plus, NO_USE);
  } catch {
    return NO_USE;
  }
}

export function plus(a: ProcessUse, b: ProcessUse): ProcessUse {
  return { cpuUs: a.cpuUs + b.cpuUs, wakeUps: a.wakeUps + b.wakeUps };
}

export function minus(a: ProcessUse, b: ProcessUse): ProcessUse {
  return { cpuUs: a.cpuUs - b.cpuUs, wakeUps: a.wakeUps - b.wakeUps };
}

/** A thread that has ended meanwhile has used nothing. */
function threadUse(folder: string): ProcessUse {
  try {
    const [onCpuNs = 0] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number);
    const [, switches = '0'] =
      /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? [];
    return { cpuUs: onCpuNs / 1_000, wakeUps: Number(switches) };
  } catch {
    return NO_USE;
  }
}
