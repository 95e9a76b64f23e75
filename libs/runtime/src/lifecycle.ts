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
   * clean stop, else 1. A signal that comes a second or more after the first ends the wait; those that come with it, from
   * a terminal and from a parent process, count as one.
   */
  async runUntilSignal(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<number> {
    const watch = watchForEnd(signals, this.#clock, (err) => this.#log.fatal({ err }, 'uncaught error'));
    try {
      const end = await Promise.race([this.start().then(() => watch.end), watch.end]);
      this.#log.info({ cause: end }, 'stopping');
      const clean = await Promise.race([this.stop(), watch.impatience.then(() => false)]);
      return clean && end !== 'error' ? 0 : 1;
    } catch {
      return 1;
    } finally {
      watch.release();
    }
  }

  async #stopAll(): Promise<boolean> {
    let clean = await this.#stopPart({ name: 'start under way', stop: async () => void (await this.#starting) });
    for (const part of this.#started.toReversed()) clean = (await this.#stopPart(part)) && clean;
    return clean;
  }

  async #stopPart({ name, stop, stopTimeoutMs = STOP_TIMEOUT_MS }: Part): Promise<boolean> {
    const timeUp = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(
      () => timeUp.reject(new Error(`still stopping after ${stopTimeoutMs} ms`)),
      stopTimeoutMs,
    );
    try {
      await Promise.race([stop?.(), timeUp.promise]);
      return true;
    } catch (err) {
      this.#log.error({ part: name, err }, 'stop failed');
      return false;
    } finally {
      timer.cancel();
    }
  }
}

const TOGETHER_MS = 1_000;

function watchForEnd(signals: readonly NodeJS.Signals[], clock: Clock, onUncaught: (error: unknown) => void) {
  const end = Promise.withResolvers<NodeJS.Signals | 'error'>();
  const impatience = Promise.withResolvers<void>();
  let firstSignalAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    firstSignalAt ??= clock.monotonic();
    end.resolve(signal);
    if (clock.monotonic() - firstSignalAt >= TOGETHER_MS) impatience.resolve();
  };
  const onError = (error: unknown) => {
    onUncaught(error);
    end.resolve('error');
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    end: end.promise,
    impatience: impatience.promise,
    release() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
}
