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
 * Keeps costly work from taking all of what it shares with cheap work. What is too much is refused at once with
 * `rate_limited`; what waits goes on in the order asked.
 */
export function createBulkhead({ atOnce, ofOneKey, ofAll }: BulkheadOptions) {
  const held = new Map<string, number>();
  const turns = new Semaphore(atOnce);
  let all = 0;

  function hold(key: string, change: 1 | -1): void {
    const now = (held.get(key) ?? 0) + change;
    if (now === 0) held.delete(key);
    else held.set(key, now);
    all += change;
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (all >= ofAll || (held.get(key) ?? 0) >= ofOneKey)
      throw new ChatError('rate_limited', 'too many of these at once');
    hold(key, 1);
    return turns.run(work).finally(() => hold(key, -1));
  };
}
