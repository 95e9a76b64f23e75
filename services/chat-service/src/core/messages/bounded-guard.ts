import type { Logger } from '@messagecore/runtime';
import { asChatError } from '../../platform/database/failures.ts';
import { within } from '../../platform/rate-limits/deadline.ts';
import type { SendGuard } from './extensions.ts';

/** Sends of all users wait for a guard, so it is not waited for longer. */
const WITHIN_MS = 1_000;

/**
 * A feature's guard that cannot hold up the send path. When it fails, or does not answer in time, its batch is refused with
 * `internal` or `unavailable`, and later repeats may pass.
 */
export function boundedGuard(guard: SendGuard, log: Pick<Logger, 'warn'>): SendGuard {
  return {
    giveBack: (sends) => guard.giveBack?.(sends),
    ...(guard.stored !== undefined && { stored: (sends) => guard.stored?.(sends) }),
    async check(sends) {
      try {
        const verdicts = await within(WITHIN_MS, guard.check(sends));
        if (verdicts.length !== sends.length) throw new Error(`${verdicts.length} verdicts on ${sends.length} sends`);
        return verdicts;
      } catch (err) {
        log.warn({ err, sends: sends.length }, 'a guard of sends failed');
        const refusal = asChatError(err);
        return sends.map(() => refusal);
      }
    },
  };
}
