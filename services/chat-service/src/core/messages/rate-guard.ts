import { ChatError } from '@messagecore/protocol';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import type { SendGuard } from './extensions.ts';

/** Refuses what is over the rate of its sender or of its conversation (LIM-2, LIM-3). */
export function createRateGuard(limits: Pick<Limits, 'take' | 'giveBack'>): SendGuard {
  return {
    async check(sends) {
      const waits = await limits.take(sends);
      return waits.map((waitMs) => (waitMs > 0 ? overRate(waitMs) : undefined));
    },
    giveBack: (sends) => void limits.giveBack(sends),
  };
}

export function overRate(retryAfterMs: number): ChatError {
  return new ChatError('rate_limited', undefined, { retryAfterMs });
}
