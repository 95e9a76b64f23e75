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
  const waiting: (() => void)[] = [];
  let all = 0;
  let underWay = 0;

  function count(key: string, change: 1 | -1): void {
    const now = (counts.get(key) ?? 0) + change;
    if (now === 0) counts.delete(key);
    else counts.set(key, now);
    all += change;
  }

  async function acquireSlot(): Promise<void> {
    if (underWay >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (all >= ofAll || (counts.get(key) ?? 0) >= ofOneKey)
      throw new ChatError('rate_limited', 'too many of these at once');
    count(key, 1);
    await acquireSlot();
    try {
      return await work();
    } finally {
      count(key, -1);
      const next = waiting.shift();
      // The slot goes to the next in the queue, or becomes free.
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
