import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Report, Task } from './worker.ts';

const PROGRAM = join(import.meta.dirname, 'worker.ts');

/** Hands tasks to so many processes, and what they report to `onReport`. Rejects when one of them dies. */
export async function shareOut(
  tasks: Iterable<Task>,
  workers: number,
  onReport: (report: Report) => void,
): Promise<void> {
  const waiting = tasks[Symbol.iterator]();
  await Promise.all(Array.from({ length: workers }, () => work(waiting, onReport)));
}

function work(waiting: Iterator<Task>, onReport: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(PROGRAM);
    const next = () => {
      const task = waiting.next();
      if (task.done === true) worker.disconnect();
      else worker.send(task.value);
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'idle') next();
      else onReport(report);
    });
    worker.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with ${String(code)}`));
    });
    next();
  });
}
