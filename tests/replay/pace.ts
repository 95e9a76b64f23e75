import { setTimeout as sleep } from 'node:timers/promises';

/** Silence in the file longer than this, after scaling, is cut to this. */
const LONGEST_PAUSE_MS = 5_000;

/** When the next line of a channel is due. */
export interface Pace {
  readonly isRealTime: boolean;
  /** Waits until a line written at `at` (milliseconds since the epoch) is due. Lines without a time are due at once. */
  until(at: number | undefined): Promise<void>;
}

export const asFastAsPossible: Pace = { isRealTime: false, until: () => Promise.resolve() };

/** The file's own times, `factor` times as fast, the first line now. One for each channel. */
export function realTime(factor: number, pause: (ms: number) => Promise<unknown> = sleep): Pace {
  let dueAt = performance.now();
  let last: number | undefined;
  return {
    isRealTime: true,
    until: async (at) => {
      if (at === undefined) return;
      const silence = last === undefined ? 0 : (at - last) / factor;
      last = at;
      dueAt += Math.min(Math.max(silence, 0), LONGEST_PAUSE_MS);
      const wait = dueAt - performance.now();
      if (wait > 0) await pause(wait);
    },
  };
}
