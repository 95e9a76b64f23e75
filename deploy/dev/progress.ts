import { styleText } from 'node:util';
import type { Log } from '@messagecore/dev-servers';

/**
 * Shows a person the progress of a long start. Everything goes to standard error: standard output is for the result.
 */
export interface Progress {
  /**
   * Shows `title` while `work` runs, then its duration and the text that `detail` makes of the result. `log` shows one line
   * while the step runs.
   */
  step<T>(title: string, work: (log: Log) => Promise<T>, detail?: (result: T) => string): Promise<T>;
  /** One line about something that happened in between. */
  readonly note: Log;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const LINE_WIDTH = 52;

/** On a terminal the running step turns in place; elsewhere only what happened is printed, line by line. */
export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const live = out.isTTY;
  const paint = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream: out });
  const line = (text: string) => out.write(`${live ? '\r\u001b[K' : ''}${text}\n`);

  return {
    note: (text) => void line(`  ${text}`),
    step: async (title, work, detail) => {
      const start = performance.now();
      let doing = '';
      let frame = 0;
      const draw = () => {
        const words = doing === '' ? title : `${title} ${paint('dim', `· ${doing}`)}`;
        out.write(`\r\u001b[K${paint('cyan', FRAMES[frame++ % FRAMES.length] ?? '')} ${words}`);
      };
      const say: Log = (text) => {
        doing = text;
        if (!live) line(`  ${text}`);
      };
      const timer = live ? setInterval(draw, FRAME_MS) : undefined;
      try {
        const result = await work(say);
        const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
        const finished = [title, detail?.(result) ?? ''].join(' ').padEnd(LINE_WIDTH);
        line(`${paint('green', '✔')} ${finished} ${paint('dim', seconds)}`);
        return result;
      } catch (error) {
        line(`${paint('red', '✘')} ${title}`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
