/**
 * What users say to a room by changing it counts as sending (LIM-2, LIM-3): a `sys` message tells of it. The tenant's back
 * end is not limited. What was refused gives the room's token back.
 */
import { ChatError } from '@messagecore/protocol';
import type { Limits } from '../limits/limits.ts';

export interface Demand {
  readonly tid: string;
  readonly uid: string | undefined;
  /** The room whose token it takes, too. */
  readonly cid?: string;
}

/** Throws `rate_limited` without having begun, or what `change` throws. */
export async function underLimit<T>(
  limits: Pick<Limits, 'take' | 'giveBack'>,
  { tid, uid, cid }: Demand,
  change: () => Promise<T>,
): Promise<T> {
  if (uid === undefined) return change();
  const demands = [{ tid, uid, cid }];
  const [retryAfterMs = 0] = await limits.take(demands);
  if (retryAfterMs > 0) throw new ChatError('rate_limited', undefined, { retryAfterMs });
  try {
    return await change();
  } catch (error) {
    void limits.giveBack(demands);
    throw error;
  }
}
