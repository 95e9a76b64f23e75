import { ChatError } from '@messagecore/protocol';

export interface BulkheadOptions {
  /** How many are under way together. */
  readonly atOnce: number;
  /** How many of one key are under way together; as many as of all when left out. */
  readonly atOnceOfOneKey?: number;
  /** How many of one key are under way or wait. */
  readonly ofOneKey: number;
  /** How many are under way or wait. */
  readonly ofAll: number;
}

interface Held {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Limits costly work, so that it does not take all of a resource that it shares with cheap work. Work beyond the bounds
 * is refused at once with `rate_limited`. Of what waits, the key with the least under way goes first, and of one key in
 * the order of arrival.
 */
export function createBulkhead({ atOnce, atOnceOfOneKey = atOnce, ofOneKey, ofAll }: BulkheadOptions) {
  const keys = new Map<string, Held>();
  let all = 0;
  let underWay = 0;

  function begin(): void {
    if (underWay >= atOnce) return;
    let first: Held | undefined;
    for (const held of keys.values()) {
      if (held.waiting.length === 0 || held.underWay >= atOnceOfOneKey) continue;
      if (first === undefined || held.underWay < first.underWay) first = held;
    }
    const next = first?.waiting.shift();
    if (first === undefined || next === undefined) return;
    first.underWay += 1;
    underWay += 1;
    next();
  }

  function end(key: string, held: Held): void {
    all -= 1;
    underWay -= 1;
    held.underWay -= 1;
    if (held.underWay === 0 && held.waiting.length === 0) keys.delete(key);
    begin();
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const held = keys.get(key) ?? { underWay: 0, waiting: [] };
    if (all >= ofAll || held.underWay + held.waiting.length >= ofOneKey)
      throw new ChatError('rate_limited', 'too many of these at once');
    keys.set(key, held);
    all += 1;
    await new Promise<void>((resolve) => {
      held.waiting.push(resolve);
      begin();
    });
    try {
      return await work();
    } finally {
      end(key, held);
    }
  };
}
