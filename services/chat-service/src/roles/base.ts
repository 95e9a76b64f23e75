import type { Lifecycle, Live, Logger, Metrics, SuccessLog, Tracing, Watches } from '@messagecore/runtime';
import type { ChatServiceConfig } from '../config.ts';
import type { FaultLog } from '../platform/rpc/batch.ts';

/** What every part of a process is built with. */
export interface Base {
  readonly config: ChatServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly faults: FaultLog;
  /** Undefined where no traces are recorded. */
  readonly tracing: Tracing | undefined;
  /** What is logged and traced in full now, and which successes are logged. */
  readonly watches: Watches;
  readonly successes: SuccessLog;
  /** Settings that may change while the process runs. */
  readonly live: Live;
  /** Gets each part as soon as it has started; stops them in reverse, each within its deadline. */
  readonly life: Lifecycle;
}
