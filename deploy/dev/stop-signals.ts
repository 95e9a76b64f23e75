import type { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '@messagecore/kernel';

/** The signals that ask a program to end, in the words of a terminal (Ctrl-C, closed window) and of a supervisor. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One press of Ctrl-C reaches a program several times: from the terminal, from npm and from the bootstrap. Signals closer
 * together than this are one.
 */
const SAME_MS = 700;

export interface StopListener {
  /** Called at the first signal. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** Called at every later one that a person can have meant as another. */
  readonly force: () => void;
}

/** Listens for the signals that end a program. Returns the way to let go of them. */
export function onStopSignal(
  { stop, force }: StopListener,
  from: EventEmitter = process,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): () => void {
  let last: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    const before = last;
    last = clock.monotonic();
    if (before === undefined) stop(signal);
    else if (last - before >= SAME_MS) force();
  };
  for (const signal of SIGNALS) from.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) from.off(signal, listener);
  };
}
