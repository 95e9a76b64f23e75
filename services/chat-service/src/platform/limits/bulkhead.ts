import { Semaphore } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';

export interface BulkheadOptions {
  /** How many are under way together. */
  readonly atOnce: number;
  /** How many of one key are under way or wait. */
  readonly ofOneKey: number;
  /** How many are under way or wait. */
  readonly ofAll: number;
}

/**
 * Limits costly work, so that it does not take all of a resource that it shares with cheap work. Work beyond the bounds
 * is refused at once with `rate_limited`; waiting work starts in the order of arrival.
 */
export function createBulkhead({ atOnce, ofOneKey, ofAll }: BulkheadOptions) {
  const counts = new Map<string, number>();
  const slots = new Semaphore(atOnce);
  let all = 0;

  function count(key: string, change: 1 | -1): void {
    const now = (counts.get(key) ?? 0) + change;
    if (now === 0) counts.delete(key);
    else counts.set(key, now);
    all += change;
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (all >= ofAll || (counts.get(key) ?? 0) >= ofOneKey)
      throw new ChatError('rate_limited', 'too many of these at once');
    count(key, 1);
    return slots.run(work).finally(() => count(key, -1));
  };
}
