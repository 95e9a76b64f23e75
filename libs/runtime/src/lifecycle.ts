import { type Clock, systemClock } from '@messagecore/kernel';
import type { Logger } from './logger.ts';

/** One thing that a process starts and stops: a server, a connection, a loop. */
export interface Part {
  readonly name: string;
  readonly start?: () => Promise<void> | void;
  readonly stop?: () => Promise<void> | void;
  /** How long its stop may take before the next part's turn comes. 5 s when left out. */
  readonly stopTimeoutMs?: number;
}

export interface LifecycleOptions {
  readonly log: Pick<Logger, 'info' | 'error' | 'fatal'>;
  readonly clock?: Clock;
}

const STOP_TIMEOUT_MS = 5_000;

/**
 * Starts parts in the order in which they were added and stops them in reverse, so that everything still finds what it
 * was built on; a start under way is waited for first. A part that fails or hangs while stopping is logged and does not keep the others from stopping; the
 * whole stop takes at most the sum of the parts' deadlines.
 */
export class Lifecycle {
  readonly #log: LifecycleOptions['log'];
  readonly #clock: Clock;
  readonly #parts: Part[] = [];
  readonly #started: Part[] = [];
  /** The start under way, or the last one; never rejects. */
  #starting: Promise<unknown> = Promise.resolve();
  #stop: Promise<boolean> | undefined;

  constructor({ log, clock = systemClock }: LifecycleOptions) {
    this.#log = log;
    this.#clock = clock;
  }

  add(part: Part): this {
    this.#parts.push(part);
    return this;
  }

  /** Starts every part. When one fails, those started are stopped again and its error is thrown. */
  async start(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#stop !== undefined) return;
      const starting = (async () => part.start?.())();
      this.#starting = starting.catch(() => {});
      try {
        await starting;
        this.#started.push(part);
      } catch (err) {
        this.#log.error({ part: part.name, err }, 'start failed');
        await this.stop();
        throw err;
      }
    }
  }

  /** Stops what was started, once. True when every part stopped without an error and in time. Never rejects. */
  stop(): Promise<boolean> {
    this.#stop ??= this.#stopAll();
    return this.#stop;
  }

  /**
   * Starts, waits for a signal or an error that nobody caught, and stops. Returns the exit code: 0 after a signal and a
   * clean stop, else 1. A second signal does not wait any longer.
   */
  async runUntilSignal(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<number> {
    const end = watchForEnd(signals);
    try {
      const crashed = await Promise.race([this.start().then(() => end.first), end.first]);
      if (crashed.error !== undefined) this.#log.fatal({ err: crashed.error }, 'uncaught error');
      else this.#log.info({ signal: crashed.signal }, 'stopping');
      const clean = await Promise.race([this.stop(), end.second.then(() => false)]);
      return clean && crashed.error === undefined ? 0 : 1;
    } catch {
      return 1;
    } finally {
      end.unwatch();
    }
  }

  async #stopAll(): Promise<boolean> {
    let clean = await this.#stopPart({ name: 'start under way', stop: async () => void (await this.#starting) });
    for (const part of this.#started.toReversed()) clean = (await this.#stopPart(part)) && clean;
    return clean;
  }

  async #stopPart({ name, stop, stopTimeoutMs = STOP_TIMEOUT_MS }: Part): Promise<boolean> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(
      () => late.reject(new Error(`still stopping after ${stopTimeoutMs} ms`)),
      stopTimeoutMs,
    );
    try {
      await Promise.race([stop?.(), late.promise]);
      return true;
    } catch (err) {
      this.#log.error({ part: name, err }, 'stop failed');
      return false;
    } finally {
      timer.cancel();
    }
  }
}

interface End {
  readonly signal?: NodeJS.Signals;
  readonly error?: unknown;
}

function watchForEnd(signals: readonly NodeJS.Signals[]) {
  const first = Promise.withResolvers<End>();
  const second = Promise.withResolvers<void>();
  let seen = 0;
  const note = (end: End) => {
    seen += 1;
    if (seen === 1) first.resolve(end);
    else second.resolve();
  };
  const onSignal = (signal: NodeJS.Signals) => note({ signal });
  const onError = (error: unknown) => note({ error });
  for (const signal of signals) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    first: first.promise,
    second: second.promise,
    unwatch() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
}
