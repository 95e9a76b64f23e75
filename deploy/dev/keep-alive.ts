import { Backoff, systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import type { DevServer, Log } from '@messagecore/dev-servers';

/** A server that can be kept alive. */
export type RestartableServer = Pick<DevServer, 'title' | 'restart' | 'stop' | 'onCrash'>;

export interface KeepAliveOptions {
  readonly note: Log;
  /** Called after every restart, when pids have changed. */
  readonly onRestarted?: () => void;
  readonly backoff?: Backoff;
}

const MIN_MS = 100;
const MAX_MS = 5_000;

/**
 * Restarts `server` whenever it dies, as an orchestrator would: at once the first time, then with growing waits while
 * it does not come up. Returns a function that stops it for good and settles when it is gone.
 */
export function keepAlive(server: RestartableServer, options: KeepAliveOptions): () => Promise<void> {
  const { note, onRestarted, backoff = new Backoff({ minMs: MIN_MS, maxMs: MAX_MS }) } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let restarting: Promise<void> = Promise.resolve();

  const restart = async (reason: string) => {
    note(`${server.title} ended (${reason}); starting it again`);
    while (!signal.aborted) {
      await sleep(backoff.next(), systemClock, signal);
      if (signal.aborted) return;
      try {
        await server.restart();
        backoff.reset();
        note(`${server.title} is back`);
        return onRestarted?.();
      } catch (error) {
        note(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const stopListening = server.onCrash((reason) => {
    restarting = restart(reason);
  });

  return async () => {
    stopping.abort();
    stopListening();
    // A start under way ends with the server that it waits for.
    await Promise.all([server.stop(), restarting]);
    await server.stop();
  };
}
