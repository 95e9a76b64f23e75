import cliProgress from 'cli-progress';

/** Bars on standard error, on a terminal alone: standard output is for the result. */
export interface Progress {
  /** A step of which it is known how far it is. */
  start(title: string, unit: string): void;
  readonly update: (done: number, of: number) => void;
  readonly stop: () => void;
  /** A step that tells nothing until it is over. */
  during<T>(title: string, work: () => Promise<T>): Promise<T>;
}

const TITLE_WIDTH = 10;

export function createProgress(): Progress {
  let title = '';
  let unit = '';
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    barsize: 30,
    format: (options, { progress, value, total }) =>
      [
        title.padEnd(TITLE_WIDTH),
        cliProgress.Format.BarFormat(progress, options),
        `${Math.floor(progress * 100)} %`.padStart(5),
        unit === '' ? '' : `${Math.round(value)} of ${Math.round(total)} ${unit}`,
      ].join('  '),
  });
  const start = (name: string, of: string) => {
    title = name;
    unit = of;
    bar.start(1, 0);
  };
  return {
    start,
    update: (done, of) => {
      bar.setTotal(Math.max(1, of));
      bar.update(done);
    },
    stop: () => bar.stop(),
    async during(name, work) {
      start(name, '');
      try {
        const result = await work();
        bar.update(1);
        return result;
      } finally {
        bar.stop();
      }
    },
  };
}
