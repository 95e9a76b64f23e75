/**
 * What users say to a room by changing it counts as sending (LIM-2, LIM-3): a `sys` message tells of it. Of the
 * tenant's back end only the memberships that it makes are counted (LIM-11). A refused change gives the shared tokens
 * back.
 */
import { ChatError } from '@messagecore/protocol';
import type { LimitDemand, Limits } from './limits.ts';

/** Throws `rate_limited` without having begun, or what `change` throws. */
export async function underLimit<T>(
  limits: Pick<Limits, 'take' | 'giveBack'>,
  demand: LimitDemand,
  change: () => Promise<T>,
): Promise<T> {
  if (demand.uid === undefined && demand.memberships === undefined) return change();
  const [retryAfterMs = 0] = await limits.take([demand]);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', undefined, { retryAfterMs });
  try {
    return await change();
  } catch (error) {
    void limits.giveBack([demand]);
    throw error;
  }
}
