import type { DevServer } from '@messagecore/dev-servers';
import { keepAlive } from './keep-alive.ts';
import type { Progress } from './progress.ts';
import { StopStack } from './stop-stack.ts';

/** Above what one process is given to end by itself. */
const STOP_DEADLINE_MS = 15_000;

export interface Group {
  /** Keeps a running server or service alive until the group is stopped. Returns it. */
  add(server: DevServer): DevServer;
}

/** What is being put together: shows each step, keeps alive what it started, and takes all of it down again in reverse. */
export class Assembly {
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #stack: StopStack;
  readonly #onRestarted: () => void;

  constructor(progress: Progress, signal: AbortSignal, onRestarted: () => void) {
    this.#progress = progress;
    this.#signal = signal;
    this.#onRestarted = onRestarted;
    this.#stack = new StopStack(progress.note, STOP_DEADLINE_MS);
  }

  /** One step of the start, shown. @throws the reason of the signal when the start has been called off. */
  readonly step: Progress['step'] = (title, work, detail) => {
    this.#signal.throwIfAborted();
    return this.#progress.step(title, work, detail);
  };

  /** Servers and services that stop together. */
  group(name: string): Group {
    const stops: (() => Promise<void>)[] = [];
    this.onStop(name, () => Promise.all(stops.map((stop) => stop())));
    return {
      add: (server) => {
        stops.push(keepAlive(server, { note: this.#progress.note, onRestarted: this.#onRestarted }));
        return server;
      },
    };
  }

  onStop(name: string, stop: () => Promise<unknown>): void {
    this.#stack.push(name, stop);
  }

  /** True when everything stopped in time. Never rejects. */
  stop(): Promise<boolean> {
    return this.#stack.run();
  }
}
