import cliProgress from 'cli-progress';

/** A progress bar on standard error; a line now and then where it is no terminal. */
export interface Progress {
  start(title: string, total: number): void;
  add(count: number): void;
  stop(): void;
}

const TITLE_WIDTH = 10;
const LINES_EVERY_MS = 5_000;

export function createProgress(): Progress {
  let startedAt = 0;
  const rate = (done: number) => Math.round((done * 1_000) / Math.max(1, performance.now() - startedAt));
  let title = '';
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: LINES_EVERY_MS,
    hideCursor: true,
    format: (options, params) =>
      [
        title.padEnd(TITLE_WIDTH),
        cliProgress.Format.BarFormat(params.progress, options),
        `${Math.floor(params.progress * 100)} %`.padStart(5),
        `${params.value.toLocaleString('en')} of ${params.total.toLocaleString('en')}`,
        `${rate(params.value).toLocaleString('en')}/s`,
        `${params.eta} s left`,
      ].join('  '),
  });
  return {
    start: (name, total) => {
      title = name;
      startedAt = performance.now();
      bar.start(total, 0);
    },
    add: (count) => bar.increment(count),
    stop: () => bar.stop(),
  };
}

export const silentProgress: Progress = { start: () => {}, add: () => {}, stop: () => {} };
