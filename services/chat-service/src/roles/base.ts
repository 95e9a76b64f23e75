import type { Lifecycle, Logger, Metrics } from '@messagecore/runtime';
import type { ChatServiceConfig } from '../config.ts';

/** What every part of a process is built with. */
export interface Base {
  readonly config: ChatServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Gets each part as soon as it has started; stops them in reverse, each within its deadline. */
  readonly life: Lifecycle;
}
