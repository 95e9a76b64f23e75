/** The signals that ask a program to end, in the words of a terminal (Ctrl-C, closed window) and of a supervisor. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One press of Ctrl-C reaches a program several times: from the terminal, from npm and from the bootstrap. Signals closer
 * together than this are one.
 */
const SAME_MS = 700;

/**
 * Calls `stop` at the first signal and `force` at every later one that a person can have meant as another.
 * Returns the way to let go of the signals.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void, force: () => void): () => void {
  let last: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    const now = performance.now();
    const first = last === undefined;
    const repeated = last !== undefined && now - last < SAME_MS;
    last = now;
    if (first) stop(signal);
    else if (!repeated) force();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
